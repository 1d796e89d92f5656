option(TESSERA_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(TESSERA_BENCH "Build the benchmarks" OFF)
set(TESSERA_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (address,undefined or thread)")
# ThreadSanitizer cannot see into a distribution's TBB: it reports races that are none and misses true
# ones. It needs `std`.
set(TESSERA_PARALLEL tbb CACHE STRING "What runs the threads: tbb or std (std::thread)")
set_property(CACHE TESSERA_PARALLEL PROPERTY STRINGS tbb std)
if(NOT TESSERA_PARALLEL MATCHES "^(tbb|std)$")
  message(FATAL_ERROR "TESSERA_PARALLEL is '${TESSERA_PARALLEL}', expected tbb or std")
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Kind of build" FORCE)
endif()
find_program(TESSERA_CCACHE ccache)
if(PROJECT_IS_TOP_LEVEL AND TESSERA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TESSERA_CCACHE})
endif()

# Flags of our own targets only. Contraction is off so that the same mapping costs the same to the last
# bit on every machine of a cluster.
add_library(tessera_flags INTERFACE)
target_compile_options(tessera_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -ffp-contract=off
  $<$<CONFIG:Release>:-O3>)
if(TESSERA_SANITIZE)
  add_compile_options(-fsanitize=${TESSERA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TESSERA_SANITIZE})
endif()
