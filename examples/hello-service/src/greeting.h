// What the service answers: a pure function from a request target to a response.
#pragma once

#include <string>
#include <string_view>

namespace hello {

struct Response {
  int status = 200;
  std::string body;  // JSON
};

// `target` is the request line's, e.g. "/hello?name=Ada". Unknown paths give 404, a bad escape 400.
Response answer(std::string_view target);

}  // namespace hello
