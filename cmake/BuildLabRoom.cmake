# One CMake target a room. The links of a room are the only rooms that it may include;
# tests/plan checks the includes against them.

# buildlab_room(NAME [SOURCES file...] [LINKS room...] [PRIVATE_LINKS target...])
#
#   NAME           path of the room below the source root, for example framework/base
#   SOURCES        sources, relative to the room; none makes an interface target (values in headers only)
#   LINKS          rooms that this room includes, by the same kind of name
#   PRIVATE_LINKS  libraries from outside that only the room's sources see
#   PUBLIC_LINKS   libraries from outside that appear in the room's headers
function(buildlab_room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;PRIVATE_LINKS;PUBLIC_LINKS")
  string(REPLACE "/" "_" target "buildlab_${name}")
  string(REPLACE "buildlab_framework_" "buildlab_" target "${target}")
  set(links)
  foreach(room IN LISTS arg_LINKS)
    string(REPLACE "/" "_" link "buildlab_${room}")
    string(REPLACE "buildlab_framework_" "buildlab_" link "${link}")
    list(APPEND links ${link})
  endforeach()
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    target_link_libraries(${target}
      PUBLIC ${links} ${arg_PUBLIC_LINKS} $<BUILD_INTERFACE:buildlab_settings>
      PRIVATE ${arg_PRIVATE_LINKS} $<BUILD_INTERFACE:buildlab_warnings>)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    if(BUILDLAB_CCACHE)
      set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "${BUILDLAB_CCACHE}")
    endif()
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${links} ${arg_PUBLIC_LINKS} $<BUILD_INTERFACE:buildlab_settings>)
  endif()
  set_property(GLOBAL APPEND PROPERTY BUILDLAB_ROOMS "${name}")
  set_property(GLOBAL APPEND PROPERTY BUILDLAB_ROOM_TARGETS ${target})
  set_property(GLOBAL PROPERTY "BUILDLAB_ROOM_LIBRARIES_${target}" ${arg_PRIVATE_LINKS} ${arg_PUBLIC_LINKS})
  set_property(GLOBAL PROPERTY "BUILDLAB_ROOM_LINKS_${name}" "${arg_LINKS}")
endfunction()
