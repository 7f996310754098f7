// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/DialectDialog.h"

#include "studio/theme/Theme.h"
#include "studio/theme/screen_fit.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace masque {

namespace {

constexpr QSize kSize{640, 360};

} // namespace

std::vector<Refusal> refusalsNow(const Document &document)
{
    const bool isForAll = document.labelMeVariant() == LabelMeVariant::ForAll;
    if (!document.isLoaded() || isForAll)
        return {};
    const bool isOfFile = document.annotation().source != nullptr || document.undoStack()->node() != 0;
    if (!isOfFile)
        return {}; // shown by masks or another format's files, which stay as they are until something is edited
    return refusals(document.annotation(), document.imageSize());
}

DialectDialog::DialectDialog(Document &document, QWidget *parent)
    : QDialog(parent), m_document(document), m_readers(new QTreeWidget(this)), m_text(new QLabel(this)),
      m_forAll(new QCheckBox(tr("&Save so that all of them open it"), this))
{
    setObjectName(QStringLiteral("dialect-dialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Who Opens This File"));
    m_readers->setObjectName(QStringLiteral("dialect-readers"));
    m_readers->setAccessibleName(tr("Programs"));
    m_readers->setHeaderLabels({tr("Program"), tr("Opens it"), tr("Why not")});
    m_readers->setRootIsDecorated(false);
    m_readers->setSelectionMode(QAbstractItemView::NoSelection);
    m_readers->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_text->setObjectName(QStringLiteral("dialect-text"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_forAll->setObjectName(QStringLiteral("dialect-for-all"));
    m_forAll->setChecked(document.labelMeVariant() == LabelMeVariant::ForAll);
    connect(m_forAll, &QCheckBox::toggled, &document, [&document](bool isOn) {
        document.setLabelMeVariant(isOn ? LabelMeVariant::ForAll : LabelMeVariant::Full);
    });
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::CurrentItem || event.kind == ChangeEvent::DatasetOpened)
            close();
        else
            fill();
    });
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(m_readers, 1);
    layout->addWidget(m_forAll);
    layout->addWidget(m_text);
    layout->addWidget(buttons);
    resizeWithinScreen(*this, kSize);
    fill();
}

void DialectDialog::fill()
{
    const auto all = refusalsNow(m_document);
    m_readers->clear();
    for (const auto reader : kLabelMeReaders) {
        QStringList reasons;
        for (const auto &refusal : all)
            if (refusal.reader == reader)
                reasons << QString::fromStdString(refusal.field + ": " + refusal.why);
        const auto name = readerName(reader);
        auto *row = new QTreeWidgetItem(m_readers);
        row->setText(0, QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())));
        row->setText(1, reasons.isEmpty() ? tr("Yes") : tr("No"));
        row->setIcon(1,
                     Theme::instance().icon(reasons.isEmpty() ? QStringLiteral("check") : QStringLiteral("warning")));
        row->setText(2, reasons.join(QLatin1Char('\n')));
    }
    VariantLoss loss;
    acceptedByAll(m_document.annotation(), loss, m_document.imageSize());
    QStringList changes;
    if (loss.masks > 0)
        changes << tr("masks as polygons: %1").arg(loss.masks);
    if (loss.others > 0)
        changes << tr("other shapes in words that all know: %1").arg(loss.others);
    if (loss.holes > 0)
        changes << tr("holes filled: %1").arg(loss.holes);
    if (loss.regions > 0)
        changes << tr("regions of fewer than 3 points left out: %1").arg(loss.regions);
    m_text->setText(
        changes.isEmpty()
            ? tr("Saved so, this image's file says the same as now.")
            : tr("Saved so, this image's file has %1. The masks themselves stay here, in the history of the "
                 "image. It holds for every image that is saved from now on.")
                  .arg(changes.join(QStringLiteral(", "))));
}

} // namespace masque
