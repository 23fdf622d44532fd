# What is installed: the command, the driver, one library with its headers for hand-written drivers, and the CMake
# package. Everything finds the rest relative to itself, so the tree may be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(BuildLab_INSTALL_CMAKEDIR "${CMAKE_INSTALL_DATADIR}/cmake/BuildLab" CACHE STRING "Where the CMake package goes")
mark_as_advanced(BuildLab_INSTALL_CMAKEDIR)

# One archive of all rooms: their division is Build Lab's own affair. The command's room stays out.
get_property(rooms GLOBAL PROPERTY BUILDLAB_ROOM_TARGETS)
list(REMOVE_ITEM rooms buildlab_cli)
add_library(buildlab_gates STATIC)
add_library(BuildLab::installed_gates ALIAS buildlab_gates)
set(libraries)
foreach(room IN LISTS rooms)
  get_target_property(type ${room} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    target_sources(buildlab_gates PRIVATE $<TARGET_OBJECTS:${room}>)
  endif()
  get_property(room_libraries GLOBAL PROPERTY "BUILDLAB_ROOM_LIBRARIES_${room}")
  list(APPEND libraries ${room_libraries})
endforeach()
list(REMOVE_DUPLICATES libraries)
# tl::expected, nlohmann_json and GTest::gmock are in the headers; the rest only has to be linked.
target_link_libraries(buildlab_gates INTERFACE ${libraries})
target_compile_features(buildlab_gates INTERFACE cxx_std_20)
target_include_directories(buildlab_gates INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/buildlab>)
set_target_properties(buildlab_gates PROPERTIES LINKER_LANGUAGE CXX EXPORT_NAME gates OUTPUT_NAME buildlab_gates)

install(TARGETS buildlab_runtime RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/buildlab"
  COMPONENT BuildLab_Runtime)
install(TARGETS buildlab_driver EXPORT BuildLabTargets
  RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/buildlab" COMPONENT BuildLab_Runtime)
install(TARGETS buildlab_gates EXPORT BuildLabGatesTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT BuildLab_Development)
if(TARGET buildlab_command)
  install(TARGETS buildlab_command RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT BuildLab_Runtime)
endif()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/framework" "${PROJECT_SOURCE_DIR}/gates"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/buildlab" COMPONENT BuildLab_Development
  FILES_MATCHING PATTERN "*.h" PATTERN cli EXCLUDE)
install(DIRECTORY engine DESTINATION "${CMAKE_INSTALL_DATADIR}/buildlab" COMPONENT BuildLab_Runtime
  USE_SOURCE_PERMISSIONS)

install(EXPORT BuildLabTargets NAMESPACE BuildLab:: DESTINATION "${BuildLab_INSTALL_CMAKEDIR}"
  COMPONENT BuildLab_Runtime)
install(EXPORT BuildLabGatesTargets NAMESPACE BuildLab:: DESTINATION "${BuildLab_INSTALL_CMAKEDIR}"
  COMPONENT BuildLab_Development)
configure_package_config_file(BuildLabConfig.cmake.in BuildLabConfig.cmake
  INSTALL_DESTINATION "${BuildLab_INSTALL_CMAKEDIR}" PATH_VARS CMAKE_INSTALL_DATADIR
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(BuildLabConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES BuildLab.cmake BuildLabCaches.cmake BuildLabFaults.cmake BuildLabInternal.cmake BuildLabMutations.cmake BuildLabRegister.cmake
    "${CMAKE_CURRENT_BINARY_DIR}/BuildLabConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/BuildLabConfigVersion.cmake"
  DESTINATION "${BuildLab_INSTALL_CMAKEDIR}" COMPONENT BuildLab_Runtime)
