# Settings and warnings of Build Lab's own targets, as interface targets that nothing else links.

add_library(buildlab_settings INTERFACE)
target_compile_features(buildlab_settings INTERFACE cxx_std_20)
target_include_directories(buildlab_settings INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
if(BUILDLAB_FUZZ AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "BUILDLAB_FUZZ needs Clang: configure with -DCMAKE_CXX_COMPILER=clang++")
endif()
if(BUILDLAB_SANITIZE OR BUILDLAB_FUZZ)
  # The checks that are left out double the time of compiling; a null pointer ends in AddressSanitizer all the same.
  target_compile_options(buildlab_settings INTERFACE -fsanitize=address,undefined -fno-sanitize=null,alignment,object-size,vptr
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(buildlab_settings INTERFACE -fsanitize=address,undefined)
endif()

add_library(buildlab_warnings INTERFACE)
target_compile_options(buildlab_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
if(BUILDLAB_UNITY)
  # GCC takes every source but the one that it was given for a header.
  target_compile_options(buildlab_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(BUILDLAB_STRICT)
  target_compile_options(buildlab_warnings INTERFACE -Werror)
endif()

find_program(BUILDLAB_CCACHE ccache)
mark_as_advanced(BUILDLAB_CCACHE)
