# LibTorch as packaging/bootstrap lays it out: <dir>/torch and <dir>/nvidia side by side, as in the wheels.
# Only the CPU half is linked; the CUDA half is opened at run time where a driver is.
if(DEFINED ENV{THAW_CACHE})
    set(thaw_cache $ENV{THAW_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(thaw_cache $ENV{XDG_CACHE_HOME}/thaw)
else()
    set(thaw_cache $ENV{HOME}/.cache/thaw)
endif()
set(THAW_TORCH_DIR ${thaw_cache}/libtorch-2.11.0 CACHE PATH "Folder that holds torch/ and nvidia/ of the torch 2.11.0 wheels")
if(NOT EXISTS ${THAW_TORCH_DIR}/torch/lib/libtorch_cpu.so)
    message(FATAL_ERROR "No LibTorch in ${THAW_TORCH_DIR}. Run packaging/bootstrap, or give its folder with -DTHAW_TORCH_DIR=…")
endif()

add_library(thaw_torch INTERFACE)
target_include_directories(thaw_torch SYSTEM INTERFACE ${THAW_TORCH_DIR}/torch/include
    ${THAW_TORCH_DIR}/torch/include/torch/csrc/api/include)
target_link_libraries(thaw_torch INTERFACE ${THAW_TORCH_DIR}/torch/lib/libtorch_cpu.so ${THAW_TORCH_DIR}/torch/lib/libc10.so)
target_link_options(thaw_torch INTERFACE -Wl,--allow-shlib-undefined)
# torch brings fmt headers of its own, newer than the distribution's library: torch rooms use them without a library.
target_compile_definitions(thaw_torch INTERFACE FMT_HEADER_ONLY)
list(APPEND CMAKE_BUILD_RPATH ${THAW_TORCH_DIR}/torch/lib)

# One precompiled torch header for all rooms and tests that need torch, which therefore are compiled with the same options.
set(thaw_torch_header ${CMAKE_SOURCE_DIR}/engine/base/torchheader.h)
function(thaw_use_torch_header target)
    if(NOT TARGET thaw_torch_header)
        file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/torchheader.cpp CONTENT "") # keeps its date: all of torch hangs on it
        add_library(thaw_torch_header OBJECT ${CMAKE_BINARY_DIR}/torchheader.cpp)
        target_link_libraries(thaw_torch_header PRIVATE thaw_options thaw_torch)
        target_include_directories(thaw_torch_header PRIVATE ${CMAKE_SOURCE_DIR})
        target_precompile_headers(thaw_torch_header PRIVATE ${thaw_torch_header})
        target_compile_options(thaw_torch_header PRIVATE -fpch-preprocess)
        thaw_optimise_lightly(thaw_torch_header)
        set_target_properties(thaw_torch_header PROPERTIES AUTOMOC OFF AUTOUIC OFF AUTORCC OFF)
    endif()
    target_compile_options(${target} PRIVATE -fpch-preprocess)
    thaw_optimise_lightly(${target})
    target_precompile_headers(${target} REUSE_FROM thaw_torch_header)
endfunction()
