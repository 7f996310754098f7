// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/Notifier.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QFileInfo>
#include <QStringList>
#include <QVariantMap>

namespace masque {

namespace {

/// Without an address libdbus would start a bus of its own, and wait for it.
bool hasSessionBus()
{
    return qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS")
           || QFileInfo::exists(qEnvironmentVariable("XDG_RUNTIME_DIR") + QStringLiteral("/bus"));
}

class DesktopNotifier : public Notifier {
public:
    void notify(const QString &title, const QString &text) override
    {
        if (!hasSessionBus())
            return;
        auto message = QDBusMessage::createMethodCall(
            QStringLiteral("org.freedesktop.Notifications"), QStringLiteral("/org/freedesktop/Notifications"),
            QStringLiteral("org.freedesktop.Notifications"), QStringLiteral("Notify"));
        const QVariantMap hints{{QStringLiteral("desktop-entry"), QStringLiteral("masque")}};
        message.setArguments({QStringLiteral("Masque"), 0U, QStringLiteral("masque"), title, text.toHtmlEscaped(),
                              QStringList(), hints, -1});
        QDBusConnection::sessionBus().call(message, QDBus::NoBlock);
    }
};

} // namespace

std::unique_ptr<Notifier> makeDesktopNotifier()
{
    return std::make_unique<DesktopNotifier>();
}

} // namespace masque
