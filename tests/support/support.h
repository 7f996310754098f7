// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QTemporaryDir>
#include <QtTest/QTest>

#include <string>

namespace masque {

/// A folder that is gone after the test. path() has no trailing slash.
class TestFolder {
public:
    TestFolder();
    std::string path() const { return m_dir.path().toStdString(); }
    std::string file(const std::string &relative) const { return path() + "/" + relative; }
    std::string write(const std::string &relative, const std::string &bytes) const; ///< makes parents; returns the path

private:
    QTemporaryDir m_dir;
};

/// The program's settings and data go below the folder, under the program's own name.
void keepSettingsIn(const TestFolder &folder);

/// A port of this machine that nobody listens on.
int freePort();

/// The folder of real data ($MASQUE_DATA, else ../shared/data beside the checkout), or "" if it is absent: then QSKIP.
std::string sharedData(const std::string &relative = {});

} // namespace masque

/// Fails the test with the error's message.
#define MASQUE_VERIFY(result)                                                                                          \
    do {                                                                                                               \
        const auto &verified = (result);                                                                               \
        QVERIFY2(verified.has_value(), verified ? "" : verified.error().message.c_str());                              \
    } while (false)
