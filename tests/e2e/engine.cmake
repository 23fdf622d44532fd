# The engine room against the real BuildKit: one program, each TEST a CTest test.
add_executable(buildlab_e2e_engine "${CMAKE_CURRENT_LIST_DIR}/engine_test.cc")
target_link_libraries(buildlab_e2e_engine PRIVATE buildlab_engine GTest::gmock GTest::gtest_main fmt::fmt
  buildlab_settings buildlab_warnings)
if(BUILDLAB_CCACHE)
  set_target_properties(buildlab_e2e_engine PROPERTIES CXX_COMPILER_LAUNCHER "${BUILDLAB_CCACHE}")
endif()
gtest_discover_tests(buildlab_e2e_engine DISCOVERY_MODE PRE_TEST TEST_PREFIX engine.
  PROPERTIES LABELS e2e TIMEOUT 300)
