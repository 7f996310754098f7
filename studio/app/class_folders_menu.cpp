// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/class_folders_menu.h"

#include "core/datasets/class_folders.h"
#include "core/datasets/image_class.h"
#include "studio/document/Document.h"

#include <QAction>
#include <QCoreApplication>
#include <QMainWindow>
#include <QMenu>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QStatusBar>

namespace masque {

namespace {

constexpr int kMessageMs = 8000;
constexpr std::size_t kExamples = 3, kListed = 200;

QString translated(const char *text, int n = -1)
{
    return QCoreApplication::translate("masque::ClassFolders", text, nullptr, n);
}

using Moved = Result<std::vector<Problem>>;
using Move = std::function<Moved(JobControl &)>;

/// What stays where it is, a line each.
QString listOf(const std::vector<Problem> &problems)
{
    QStringList lines;
    for (std::size_t i = 0; i < std::min(problems.size(), kListed); ++i)
        lines.append(translated("%1: %2").arg(QString::fromStdString(problems[i].file),
                                              QString::fromStdString(problems[i].message)));
    if (problems.size() > kListed)
        lines.append(translated("and %n more", static_cast<int>(problems.size() - kListed)));
    return lines.join(QLatin1Char('\n'));
}

QMessageBox *box(QMainWindow &window, QMessageBox::Icon icon, const char *name, const QString &title,
                 const QString &text)
{
    auto *box = new QMessageBox(icon, title, text, QMessageBox::NoButton, &window);
    box->setObjectName(QLatin1String(name));
    box->setAttribute(Qt::WA_DeleteOnClose);
    return box;
}

class ClassFolders : public QObject {
public:
    ClassFolders(Document &document, JobRunner &jobs, QMainWindow &window, QAction &sort, QAction &undo)
        : QObject(&window), m_document(document), m_jobs(jobs), m_window(window), m_sort(sort), m_undo(undo)
    {
        connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
            if (event.kind == ChangeEvent::DatasetOpened)
                follow();
        });
        connect(&sort, &QAction::triggered, this, &ClassFolders::plan);
        connect(&undo, &QAction::triggered, this, [this] {
            move([root = m_document.dataset()->root](JobControl &control) {
                return undoClassFolders(root, control.stopToken(), reporting(control));
            });
        });
        follow();
    }

private:
    static Progress reporting(JobControl &control)
    {
        return [&control](std::size_t done, std::size_t total) {
            control.report(static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(1, total)));
        };
    }

    void follow()
    {
        const auto dataset = m_document.dataset();
        m_sort.setEnabled(dataset != nullptr);
        m_undo.setEnabled(dataset && canUndoClassFolders(dataset->root));
    }

    void plan()
    {
        const auto dataset = m_document.dataset();
        if (!dataset || m_document.isIndexing()) {
            m_window.statusBar()->showMessage(translated("The images are still being read"), kMessageMs);
            return;
        }
        const auto plan = std::make_shared<FolderPlan>();
        m_jobs.start(makeJob(
            translated("Sorting into class folders"),
            [plan, dataset, summaries = m_document.summaries()](JobControl &) -> Result<void> {
                *plan = planClassFolders(*dataset, summaries, imageClasses(*dataset));
                return {};
            },
            [self = QPointer(this), plan, dataset](const Result<void> &, bool canceled) {
                if (self && !canceled && self->m_document.dataset() == dataset)
                    self->ask(*plan, dataset->root);
            }));
    }

    void ask(const FolderPlan &plan, const std::string &root)
    {
        if (plan.moves.empty()) {
            auto *nothing =
                box(m_window, QMessageBox::Information, "class-folders-nothing", translated("Sort into Class Folders"),
                    translated("No image moves: those with a class lie in its folder, or cannot be moved."));
            nothing->setDetailedText(listOf(plan.staying));
            nothing->addButton(QMessageBox::Close);
            nothing->open();
            return;
        }
        QStringList examples;
        for (std::size_t i = 0; i < std::min(plan.moves.size(), kExamples); ++i)
            examples.append(
                translated("%1 to %2")
                    .arg(QString::fromStdString(plan.moves[i].from), QString::fromStdString(plan.moves[i].to)));
        auto *question = box(m_window, QMessageBox::Question, "class-folders", translated("Sort into Class Folders"),
                             translated("%n image(s) move into folders of their class, each with its annotation.",
                                        static_cast<int>(plan.moves.size())));
        question->setInformativeText(examples.join(QLatin1Char('\n')) + QStringLiteral("\n\n")
                                     + (plan.staying.empty() ? QString()
                                                             : translated("%n image(s) stay where they are.",
                                                                          static_cast<int>(plan.staying.size()))
                                                                   + QLatin1Char('\n'))
                                     + translated("Undo Sorting into Class Folders brings all of them back."));
        if (!plan.staying.empty())
            question->setDetailedText(listOf(plan.staying));
        auto *go = question->addButton(translated("&Move"), QMessageBox::AcceptRole);
        question->addButton(QMessageBox::Cancel);
        question->setDefaultButton(go);
        connect(question, &QMessageBox::buttonClicked, this,
                [this, go, root, moves = plan.moves](QAbstractButton *clicked) {
                    if (clicked == go)
                        move([root, moves](JobControl &control) {
                            return moveIntoClassFolders(root, moves, control.stopToken(), reporting(control));
                        });
                });
        question->open();
    }

    void move(Move work)
    {
        const auto dataset = m_document.dataset();
        if (!dataset)
            return;
        if (!m_document.saveAndWait()) {
            m_window.statusBar()->showMessage(m_document.saveError(), kMessageMs);
            return;
        }
        const QString root = QString::fromStdString(dataset->root);
        m_document.close(); // nothing is edited while its files move
        const auto moved = std::make_shared<Moved>(std::vector<Problem>());
        m_jobs.start(makeJob(
            translated("Sorting into class folders"),
            [moved, work = std::move(work)](JobControl &control) -> Result<void> {
                *moved = work(control);
                return *moved ? Result<void>() : moved->error();
            },
            [self = QPointer(this), moved, root](const Result<void> &result, bool) {
                if (!self)
                    return;
                if (!self->m_document.dataset() && !self->m_document.isOpening())
                    self->m_document.open(root);
                self->tell(result ? **moved : std::vector<Problem>{{root.toStdString(), result.error().message}});
            }));
    }

    void tell(const std::vector<Problem> &problems)
    {
        if (problems.empty()) {
            m_window.statusBar()->showMessage(translated("All images were moved"), kMessageMs);
            return;
        }
        auto *warning =
            box(m_window, QMessageBox::Warning, "class-folders-problems", translated("Sort into Class Folders"),
                translated("%n file(s) could not be moved.", static_cast<int>(problems.size())));
        warning->setDetailedText(listOf(problems));
        warning->addButton(QMessageBox::Close);
        warning->open();
    }

    Document &m_document;
    JobRunner &m_jobs;
    QMainWindow &m_window;
    QAction &m_sort, &m_undo;
};

} // namespace

void addClassFolderActions(QMenu &menu, Document &document, JobRunner &jobs, QMainWindow &window)
{
    auto *sort = menu.addAction(translated("S&ort into Class Folders..."));
    sort->setObjectName(QStringLiteral("sort-into-class-folders"));
    sort->setToolTip(translated("Moves each image with a class into a folder of that name, as ImageFolder has it"));
    auto *undo = menu.addAction(translated("Undo Sorting into Class Folders"));
    undo->setObjectName(QStringLiteral("undo-class-folders"));
    new ClassFolders(document, jobs, window, *sort, *undo);
}

} // namespace masque
