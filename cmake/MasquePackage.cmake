# What lies beside the installed program (desktop entry, metainfo, MIME type, icon, manual page, completion), and the
# Debian package: cpack -G DEB in the build folder, once masque_manual is built.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON) # a package needs no tests built
set(desktop ${CMAKE_SOURCE_DIR}/resources/desktop)
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/masque.1 ${PROJECT_BINARY_DIR}/masque.bash
    COMMAND masque manual man > ${PROJECT_BINARY_DIR}/masque.1
    COMMAND masque manual bash > ${PROJECT_BINARY_DIR}/masque.bash
    DEPENDS masque COMMENT "Writing the manual page and bash's completion" VERBATIM)
add_custom_target(masque_manual ALL DEPENDS ${PROJECT_BINARY_DIR}/masque.1 ${PROJECT_BINARY_DIR}/masque.bash)
install(FILES ${PROJECT_BINARY_DIR}/masque.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${PROJECT_BINARY_DIR}/masque.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME masque COMPONENT program)
install(FILES README.md docs/formats.md docs/plugins.md docs/distributed.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT program)
if(MASQUE_GUI)
    install(FILES ${desktop}/org.masque.Masque.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications COMPONENT program)
    install(FILES ${desktop}/org.masque.Masque.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo COMPONENT program)
    install(FILES ${desktop}/masque-mime.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages RENAME masque.xml COMPONENT program)
    install(FILES ${CMAKE_SOURCE_DIR}/resources/icons/masque.svg
        DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps COMPONENT program)
endif()

if(BUILD_TESTING)
    find_program(APPSTREAMCLI appstreamcli)
    find_program(DESKTOP_FILE_VALIDATE desktop-file-validate)
    if(APPSTREAMCLI)
        add_test(NAME package.metainfo COMMAND ${APPSTREAMCLI} validate --no-net ${desktop}/org.masque.Masque.metainfo.xml)
    endif()
    if(DESKTOP_FILE_VALIDATE)
        add_test(NAME package.desktop COMMAND ${DESKTOP_FILE_VALIDATE} ${desktop}/org.masque.Masque.desktop)
    endif()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The Masque authors <noreply@masque.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME masque)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON) # those that it is linked with; beside them what is loaded by name
set(CPACK_DEBIAN_PACKAGE_DEPENDS "qt6-qpa-plugins, opencv-data, libopenblas0-pthread, fonts-dejavu-core | fonts-noto-core")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "fonts-noto-cjk")
include(CPack)
