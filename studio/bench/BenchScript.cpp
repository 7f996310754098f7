// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/bench/BenchScript.h"

#include "studio/tools/ToolController.h"

#include <QCoreApplication>
#include <QFile>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

#include <unistd.h>

namespace masque {

namespace {

constexpr int kPaceMs = 8; // a mouse at 125 Hz
constexpr QSize kViewport{1600, 1000};
constexpr double kRepaintMs = 20;
constexpr int kPainted = Qt::LowEventPriority - 1; // comes after the repaint that an event asked for

const QEvent::Type kMarker = static_cast<QEvent::Type>(QEvent::registerEventType());

double percentile(std::vector<double> values, double part)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    const double rank = std::ceil(part * static_cast<double>(values.size()));
    return values[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

double rssMib()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> fields = file.readAll().split(' ');
    return fields.size() < 2 ? 0 : fields[1].toDouble() * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

double rounded(double value)
{
    return std::round(value * 1000) / 1000;
}

} // namespace

BenchScript::BenchScript(const CanvasBenchOptions &options, const PluginRegistry &plugins, const QString &folder,
                         std::stop_token stop)
    : m_options(options), m_folder(folder), m_stop(std::move(stop)), m_plugins(plugins),
      m_jobs(makeThreadedJobRunner(6)), m_document(std::make_unique<Document>(*m_jobs, plugins.formats)),
      m_workspace(std::make_unique<LabelWorkspace>(*m_document, plugins, *m_jobs)),
      m_canvas(m_workspace->findChild<CanvasWidget *>())
{
    m_canvas->setFixedSize(kViewport);
    m_canvas->installEventFilter(this);
    m_pace.setTimerType(Qt::PreciseTimer);
    m_pace.setSingleShot(true);
    m_pace.setInterval(kPaceMs);
    connect(&m_pace, &QTimer::timeout, this, &BenchScript::tick);
}

BenchScript::~BenchScript()
{
    m_jobs->cancelAll();
    m_workspace.reset();
}

void BenchScript::start()
{
    if (auto made = makeData(); !made)
        return fail(made.error());
    addLargeImage();
    addPolygons();
    addWalk();
    if (m_operations.empty())
        return fail({ErrorCode::Option, "--ops names none of the operations", "ops"});
    m_workspace->show();
    m_sincePace.start();
    m_pace.start();
}

void BenchScript::add(Operation operation)
{
    const QStringList wanted = QString::fromStdString(m_options.ops).split(QLatin1Char(','), Qt::SkipEmptyParts);
    if (!operation.isReady)
        operation.isReady = [this] { return isCalm(); };
    if (wanted.isEmpty() || wanted.contains(QString::fromStdString(operation.name)))
        m_operations.push_back(std::move(operation));
}

bool BenchScript::isCalm() const
{
    return m_document->isLoaded() && !m_document->isIndexing() && m_canvas->isSettled()
           && m_document->saveState() != SaveState::Saving;
}

/// One turn: what the last event cost is known; the next one is posted.
void BenchScript::tick()
{
    if (m_stop.stop_requested())
        return fail({ErrorCode::Internal, "stopped"});
    const double late = static_cast<double>(m_sincePace.nsecsElapsed()) / 1e6 - kPaceMs;
    Operation &operation = m_operations[m_current];
    if (!m_isSetUp) {
        m_isSetUp = true;
        operation.setUp();
    } else if ((m_done > 0 && !operation.isLookedAt) || operation.isReady()) {
        m_idle.push_back(std::max(0.0, late));
        m_isWaiting = true;
        m_hasPainted = false;
        m_unpaintedMs = -1;
        m_sinceEvent.start();
        operation.act(m_done++);
        QCoreApplication::postEvent(this, new QEvent(kMarker), kPainted);
        return;
    }
    m_sincePace.start();
    m_pace.start();
}

bool BenchScript::eventFilter(QObject *watched, QEvent *event)
{
    m_hasPainted = m_hasPainted || event->type() == QEvent::Paint;
    return QObject::eventFilter(watched, event);
}

bool BenchScript::event(QEvent *event)
{
    if (event->type() != kMarker)
        return QObject::event(event);
    Operation &operation = m_operations[m_current];
    const double elapsed = static_cast<double>(m_sinceEvent.nsecsElapsed()) / 1e6;
    const bool isDone = operation.isDone();
    if (isDone && m_unpaintedMs < 0)
        m_unpaintedMs = elapsed;
    // what repaints nothing (a hover over nothing) is done all the same, but only once no repaint can be on its way
    if (!isDone || (!m_hasPainted && elapsed < m_unpaintedMs + kRepaintMs)) { // wait for another turn of the loop
        QTimer::singleShot(0, this, [this] { QCoreApplication::postEvent(this, new QEvent(kMarker), kPainted); });
        return true;
    }
    m_times.push_back(m_hasPainted ? elapsed : m_unpaintedMs);
    if (m_done == operation.count)
        finishOperation();
    if (m_current == m_operations.size()) {
        m_training.stop();
        Q_EMIT finished();
        return true;
    }
    m_sincePace.start();
    m_pace.start();
    return true;
}

void BenchScript::finishOperation()
{
    Json row = Json::object();
    row.set("op", m_operations[m_current].name);
    row.set("p50_ms", rounded(percentile(m_times, 0.5)));
    row.set("p99_ms", rounded(percentile(m_times, 0.99)));
    row.set("idle_p99_ms", rounded(percentile(m_idle, 0.99)));
    row.set("rss_mib", std::round(rssMib()));
    m_rows.push_back(std::move(row));
    m_times.clear();
    m_idle.clear();
    m_done = 0;
    m_isSetUp = false;
    ++m_current;
}

void BenchScript::fail(Error error)
{
    m_failure = std::move(error);
    Q_EMIT finished();
}

void BenchScript::open(const QString &name)
{
    m_document->open(m_folder + QLatin1Char('/') + name);
}

void BenchScript::send(QEvent *event)
{
    QCoreApplication::postEvent(m_canvas, event);
}

void BenchScript::mouse(QEvent::Type type, QPointF at, Qt::MouseButton button, Qt::MouseButtons buttons)
{
    send(new QMouseEvent(type, at, m_canvas->mapToGlobal(at), button, buttons, Qt::NoModifier));
}

void BenchScript::wheel(QPointF at, int delta, Qt::KeyboardModifiers keys)
{
    send(new QWheelEvent(at, m_canvas->mapToGlobal(at), {}, {0, delta}, Qt::NoButton, keys, Qt::NoScrollPhase, false));
}

void BenchScript::useTool(const char *name)
{
    m_workspace->findChild<ToolController *>()->setActiveTool(QLatin1String(name));
}

} // namespace masque
