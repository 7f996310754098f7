// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
#include "core/runs/run.h"
#include "studio/compare/cutout/cutout_preview.h"
#include "studio/jobs/Job.h"

#include <QColor>
#include <QDialog>

QT_BEGIN_NAMESPACE
class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
QT_END_NAMESPACE

namespace masque {

struct ChangeEvent;
class Document;
class PairView;

/// Cuts out this image, the dataset or a folder by a run's masks or by the annotations, with a preview of the image
/// that is open in Label. Whatever takes long is a job; of previews only the newest is asked for.
class CutoutDialog : public QDialog {
    Q_OBJECT
public:
    CutoutDialog(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent = nullptr);
    ~CutoutDialog() override;

    void begin(const QString &run = {}); ///< shows it, with today's runs; by that run, else by the newest
    void reject() override;              ///< stops the writing, first

private:
    enum class Which { Current, All, Folder };
    enum class Ground { Clear, Plain, Picture, Blur };
    QFormLayout *makeForm();
    QWidget *makePreview();
    QLayout *makeButtons();
    void addRow(QFormLayout &form, const QString &title, QWidget *field, const char *name);
    QLineEdit *makeFolderField(const QString &title);
    void documentChanged(const ChangeEvent &event);
    void loadRuns(const QString &wanted);
    void takeRuns(const std::vector<RunInfo> &runs, const QString &wanted);
    void openFolder(); ///< the one to be cut out
    void takeImage();  ///< that the preview is of
    void refresh();
    void takePreview(const Result<CutoutPreview> &result);
    void write();
    void showState();
    void say(QLabel *label, const QString &text, bool isError);
    Which which() const;
    Ground ground() const;
    std::string run() const; ///< empty: annotations
    CutoutOptions options() const;
    void setColor(const QColor &color);

    Document &m_document;
    const PluginRegistry &m_plugins;
    JobRunner &m_jobs;
    QComboBox *m_source = nullptr, *m_images = nullptr, *m_ground = nullptr;
    QLineEdit *m_folder = nullptr, *m_picture = nullptr, *m_out = nullptr;
    QPushButton *m_colorButton = nullptr, *m_write = nullptr, *m_open = nullptr, *m_close = nullptr;
    QDoubleSpinBox *m_edge = nullptr, *m_part = nullptr, *m_blur = nullptr;
    QCheckBox *m_crop = nullptr, *m_replace = nullptr;
    QFormLayout *m_form = nullptr;
    QLabel *m_hint = nullptr, *m_caption = nullptr, *m_text = nullptr;
    QProgressBar *m_progress = nullptr;
    PairView *m_view = nullptr;
    QColor m_color = Qt::white;
    bool m_isOutChosen = false; ///< by the user

    const std::shared_ptr<CutoutPreviewer> m_previewer; ///< shared with jobs
    std::shared_ptr<const Dataset> m_opened;            ///< what lies in the folder
    CutoutPreviewer::Request m_shown;                   ///< no dataset: nothing
    JobId m_previewJob = 0, m_folderJob = 0, m_writeJob = 0;
    bool m_isStale = false; ///< the preview that is being made
};

} // namespace masque
