// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <memory>

namespace masque {

/// Tells somebody who looks at another window.
class Notifier {
public:
    virtual ~Notifier() = default;
    virtual void notify(const QString &title, const QString &text) = 0;
};

/// The desktop's own notifications (org.freedesktop.Notifications on the session bus); does nothing where there is
/// none.
std::unique_ptr<Notifier> makeDesktopNotifier();

} // namespace masque
