# What every target of Thaw shares: C++20, warnings, sanitizers, ccache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(THAW_CCACHE ccache)
    if(THAW_CCACHE)
        # The precompiled torch header makes a file 9 s instead of 22 s; these let ccache keep such files as well.
        set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
            CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${THAW_CCACHE})
    endif()
endif()

add_library(thaw_options INTERFACE)
target_compile_options(thaw_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wno-missing-field-initializers $<$<BOOL:${THAW_WERROR}>:-Werror>)
target_compile_definitions(thaw_options INTERFACE QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII
    QT_NO_URL_CAST_FROM_STRING)
if(THAW_ASSERTS)
    target_compile_options(thaw_options INTERFACE -UNDEBUG)
endif()
if(THAW_SANITIZE)
    # Little optimisation and debug information: such a build takes half the time, and its reports still name the line.
    add_compile_options(-fsanitize=${THAW_SANITIZE} -fno-omit-frame-pointer -fno-sanitize=vptr -O1 -g1)
    add_link_options(-fsanitize=${THAW_SANITIZE})
endif()

if(THAW_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Most of a torch source's compile time are the templates that the headers leave to every file: sixteen files as one take
# as long as two. thaw_unite(TARGET FILES). Whoever edits one file at a time turns it off (preset dev).
option(THAW_UNITY "Compile several sources of a room as one" ON)
function(thaw_unite target files)
    if(THAW_UNITY)
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${files})
        target_compile_options(${target} PRIVATE -Wno-subobject-linkage) # takes what is included for a header
    endif()
endfunction()

# What hands its work to LibTorch or to the rooms below spends no time in its own code: -O1 takes two thirds of -O3's time.
# The few loops over pixels and bytes that lie there are vectorised all the same.
function(thaw_optimise_lightly target)
    target_compile_options(${target} PRIVATE
        "$<$<CONFIG:Release>:-O1;-ftree-loop-vectorize;-fvect-cost-model=dynamic>")
endfunction()

# thaw_room(NAME [TORCH] [UNITE] SOURCES … LINK …): one room of the engine as a static library.
# TORCH: the room's sources may include torch (they share one precompiled header); its users link it but see no torch.
# UNITE: several sources are compiled as one, as those of a torch room are: where each of them instantiates JSON's templates.
function(thaw_room name)
    cmake_parse_arguments(ROOM "TORCH;UNITE" "" "SOURCES;LINK;PRIVATE" ${ARGN})
    add_library(${name} STATIC ${ROOM_SOURCES})
    set_target_properties(${name} PROPERTIES AUTOMOC OFF AUTOUIC OFF AUTORCC OFF)
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ROOM_LINK} PRIVATE thaw_options ${ROOM_PRIVATE})
    if(ROOM_UNITE)
        thaw_unite(${name} 8)
    endif()
    if(ROOM_TORCH)
        thaw_unite(${name} 16)
        target_link_libraries(${name} PRIVATE thaw_torch)
        thaw_use_torch_header(${name})
    endif()
endfunction()

# thaw_program(NAME SOURCES … LINK …): a program in <build>/bin as a small launcher and a module that holds everything
# else and defines extern "C" int thaw_main(int, char**); engine/device/launcher.cpp says why.
function(thaw_program name)
    cmake_parse_arguments(PROGRAM "" "" "SOURCES;LINK" ${ARGN})
    add_library(${name}-module MODULE ${PROGRAM_SOURCES})
    target_link_libraries(${name}-module PRIVATE ${PROGRAM_LINK} thaw_options)
    add_executable(${name} ${CMAKE_SOURCE_DIR}/engine/device/launcher.cpp)
    target_compile_definitions(${name} PRIVATE THAW_MODULE="lib${name}.so")
    target_link_libraries(${name} PRIVATE thaw_options ${CMAKE_DL_LIBS})
    add_dependencies(${name} ${name}-module)
    set_target_properties(${name} ${name}-module PROPERTIES AUTOMOC OFF AUTOUIC OFF AUTORCC OFF
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
    set_target_properties(${name}-module PROPERTIES OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()
