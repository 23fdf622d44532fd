// The one translation unit that holds Boost.JSON, so that no library has to be linked.
#include <boost/json/src.hpp>
