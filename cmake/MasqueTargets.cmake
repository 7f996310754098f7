# project_options: the standard, the warnings and the sanitizers of every target of ours.
add_library(project_options INTERFACE)
target_compile_features(project_options INTERFACE cxx_std_20)
target_include_directories(project_options INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(project_options INTERFACE MASQUE_VERSION="${PROJECT_VERSION}")
target_compile_options(project_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
    -Woverloaded-virtual $<$<BOOL:${MASQUE_WERROR}>:-Werror>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>) # GCC 12 warns of std::string's own operator+ (bug 105651)
if(MASQUE_SANITIZE)
    target_compile_options(project_options INTERFACE -fsanitize=${MASQUE_SANITIZE} -fno-omit-frame-pointer
        $<$<BOOL:${MASQUE_FUZZ}>:-fno-sanitize-recover=all -fsanitize-ignorelist=${CMAKE_CURRENT_SOURCE_DIR}/tests/fuzz/ignored.txt>)
    target_link_options(project_options INTERFACE -fsanitize=${MASQUE_SANITIZE})
endif()
set(CMAKE_CXX_EXTENSIONS OFF)

# LibTorch as a SYSTEM target, so that its headers do not warn; the flags that its config puts on everything are kept here.
function(masque_import_torch)
    add_library(masque_torch INTERFACE)
    target_link_libraries(masque_torch INTERFACE ${TORCH_LIBRARIES})
    target_include_directories(masque_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
    separate_arguments(flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
    target_compile_options(masque_torch INTERFACE ${flags})
endfunction()

# masque_library(name SOURCES a.cpp ... [PUBLIC targets...] [PRIVATE targets...])
# One static library a room. Public headers lie beside the sources and are included from the project's root.
function(masque_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS)
    target_link_libraries(${name} PUBLIC project_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# masque_add_plugin(name SOURCES entry.cpp ... [LINK core rooms...])
# One built-in plugin: a QObject with Q_PLUGIN_METADATA, linked statically and imported by core/plugins' host.
function(masque_add_plugin name)
    cmake_parse_arguments(ARG "" "CLASS" "SOURCES;LINK" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
    target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS QT_STATICPLUGIN)
    target_link_libraries(${name} PRIVATE project_options masque_plugins ${ARG_LINK})
    set_property(GLOBAL APPEND PROPERTY MASQUE_BUILTIN_PLUGINS ${name})
    set_property(GLOBAL APPEND PROPERTY MASQUE_BUILTIN_PLUGIN_CLASSES ${ARG_CLASS})
endfunction()

# masque_export_to_plugins(program): whole rooms of core, not only what the program uses itself, with their symbols to be
# found by the plugins that it loads.
function(masque_export_to_plugins program)
    set_target_properties(${program} PROPERTIES ENABLE_EXPORTS ON)
    foreach(room base image annotations tools datasets models)
        target_link_libraries(${program} PRIVATE $<TARGET_OBJECTS:masque_${room}>)
    endforeach()
endfunction()

# masque_test(name LABEL core|cli|studio SOURCES ... [LINK ...]): a Qt Test executable that ctest runs on the offscreen
# platform; studio tests once more under Xvfb, and each by itself, since some measure frames.
find_program(XVFB_RUN xvfb-run)
find_program(OPENBOX openbox) # windows become active only under a window manager
function(masque_test name)
    cmake_parse_arguments(ARG "" "LABEL" "SOURCES;LINK" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
    target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS)
    target_link_libraries(${name} PRIVATE project_options test_support Qt6::Test ${ARG_LINK})
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" ENVIRONMENT "QT_QPA_PLATFORM=offscreen;OMP_WAIT_POLICY=PASSIVE" TIMEOUT 600)
    if(ARG_LABEL STREQUAL "studio")
        set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
    endif()
    if(ARG_LABEL STREQUAL "studio" AND XVFB_RUN AND OPENBOX)
        add_test(NAME ${name}.xvfb COMMAND ${XVFB_RUN} -a -s "-screen 0 1600x1000x24"
            sh -c "${OPENBOX} & \"$0\"" $<TARGET_FILE:${name}>)
        set_tests_properties(${name}.xvfb PROPERTIES LABELS "studio" RUN_SERIAL ON
            ENVIRONMENT "QT_QPA_PLATFORM=xcb;OMP_WAIT_POLICY=PASSIVE" TIMEOUT 600)
    endif()
endfunction()
