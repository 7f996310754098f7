// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugins/Plugin.h"
#include "plugins/formats/CamVidFormat.h"
#include "plugins/formats/CityscapesFormat.h"
#include "plugins/formats/ClassFoldersFormat.h"
#include "plugins/formats/CocoFormat.h"
#include "plugins/formats/CutoutFormat.h"
#include "plugins/formats/CvatFormat.h"
#include "plugins/formats/ImageMaskFormat.h"
#include "plugins/formats/LabelMeFormat.h"
#include "plugins/formats/LegendFormat.h"
#include "plugins/formats/PictureFileFormats.h"
#include "plugins/formats/UnreadLayouts.h"
#include "plugins/formats/VocFormat.h"
#include "plugins/formats/YoloFormat.h"

#include <QObject>

/// The built-in dataset formats.
class FormatsPlugin : public QObject, public masque::Plugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID MasquePlugin_iid FILE "formats.json")
    Q_INTERFACES(masque::Plugin)

public:
    void offer(masque::PluginRegistry &registry) override
    {
        registry.formats.push_back(std::make_shared<masque::LabelMeFormat>());
        registry.formats.push_back(std::make_shared<masque::OldLabelMeFormat>());
        registry.formats.push_back(std::make_shared<masque::ImageMaskFormat>());
        registry.formats.push_back(std::make_shared<masque::CamVidFormat>());
        registry.formats.push_back(std::make_shared<masque::ClassFoldersFormat>());
        registry.formats.push_back(std::make_shared<masque::CocoFormat>());
        registry.formats.push_back(std::make_shared<masque::YoloFormat>());
        registry.formats.push_back(std::make_shared<masque::VocFormat>());
        registry.formats.push_back(std::make_shared<masque::CityscapesFormat>());
        registry.formats.push_back(std::make_shared<masque::Ade20kFormat>());
        registry.formats.push_back(std::make_shared<masque::CvatFormat>());
        registry.formats.push_back(std::make_shared<masque::CutoutFormat>());
        registry.formats.push_back(std::make_shared<masque::LegendFormat>());
        registry.formats.push_back(std::make_shared<masque::FerTableFormat>());
        registry.formats.push_back(std::make_shared<masque::IdxFormat>());
        registry.formats.push_back(std::make_shared<masque::UnreadLayouts>());
    }
};

#include "FormatsPlugin.moc"
