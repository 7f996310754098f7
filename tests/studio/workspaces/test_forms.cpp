// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/ModelFactory.h"
#include "core/runs/RunOptions.h"
#include "studio/forms/OptionsForm.h"
#include "tests/support/support.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QToolButton>

using namespace masque;

namespace {

std::vector<OptionSpec> everyKind()
{
    return {
        {.key = "flip",
         .label = "Flip",
         .help = "Mirrors.",
         .group = "A",
         .type = OptionType::Bool,
         .defaultValue = true},
        {.key = "count",
         .label = "Count",
         .help = "How many.",
         .group = "A",
         .type = OptionType::Int,
         .defaultValue = 8,
         .minimum = 1,
         .maximum = 64,
         .unit = "images"},
        {.key = "seed",
         .label = "Seed",
         .help = "Any.",
         .group = "B",
         .type = OptionType::Int,
         .defaultValue = Json(std::int64_t{9007199254740991}),
         .minimum = 0,
         .maximum = 9007199254740991.0,
         .advanced = true},
        {.key = "lr",
         .label = "Learning rate",
         .help = "Step.",
         .group = "B",
         .type = OptionType::Real,
         .defaultValue = 0.001,
         .minimum = 1e-8,
         .maximum = 10},
        {.key = "share",
         .label = "Share",
         .help = "Part.",
         .group = "B",
         .type = OptionType::Real,
         .defaultValue = 0.2,
         .minimum = 0,
         .maximum = 0.9},
        {.key = "loss",
         .label = "Loss",
         .help = "Which.",
         .group = "B",
         .type = OptionType::Choice,
         .defaultValue = "ce",
         .choices = {"ce", "dice"}},
        {.key = "size",
         .label = "Size",
         .help = "Side.",
         .group = "A",
         .type = OptionType::Text,
         .defaultValue = "128",
         .unit = "px"},
        {.key = "limit", .label = "Limit", .help = "At most.", .group = "A", .type = OptionType::Int, .minimum = 1},
    };
}

} // namespace

class TestForms : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void defaultsComeBack_data()
    {
        QTest::addColumn<bool>("real");
        QTest::newRow("one of each kind") << false;
        QTest::newRow("every option of a run") << true;
    }
    void defaultsComeBack()
    {
        QFETCH(bool, real);
        const auto specs = real ? runOptionSpecs(unetFactory()->optionSpecs()) : everyKind();
        OptionsForm form;
        form.setSpecs(specs);
        Json defaults = Json::object();
        for (const auto &spec : specs)
            defaults.set(spec.key, spec.defaultValue);
        QCOMPARE(form.values().dump(), defaults.dump());
        MASQUE_VERIFY(form.check());
        for (const auto &spec : specs) {
            auto *field = form.findChild<QWidget *>(QStringLiteral("option-") + QString::fromStdString(spec.key));
            QVERIFY2(field, spec.key.c_str());
            QVERIFY(!field->accessibleName().isEmpty());
            QCOMPARE(field->toolTip(), QString::fromStdString(spec.help));
        }
    }

    void valuesComeBack_data()
    {
        QTest::addColumn<QString>("json");
        QTest::newRow("others")
            << R"({"flip":false,"count":64,"seed":0,"lr":3e-4,"share":0.125,"loss":"dice","size":"64x32","limit":5})";
        QTest::newRow("small") << R"({"lr":1e-07,"share":0.0,"limit":null})";
        QTest::newRow("large") << R"({"lr":10.0,"seed":9007199254740990,"count":1})";
    }
    void valuesComeBack()
    {
        QFETCH(QString, json);
        const auto wanted = Json::parse(json.toStdString());
        MASQUE_VERIFY(wanted);
        OptionsForm form;
        form.setSpecs(everyKind());
        form.setValues(*wanted);
        const Json got = form.values();
        for (const auto &[key, value] : wanted->members()) {
            if (value.isNumber())
                QCOMPARE(got[key].toDouble(), value.toDouble());
            else
                QVERIFY2(got[key] == value, key.c_str());
        }
    }

    void fieldsSuitTheirKind()
    {
        OptionsForm form;
        form.setSpecs(everyKind());
        QVERIFY(form.findChild<QCheckBox *>(QStringLiteral("option-flip")));
        QCOMPARE(form.findChild<QSpinBox *>(QStringLiteral("option-count"))->suffix(), QStringLiteral(" images"));
        QCOMPARE(form.findChild<QDoubleSpinBox *>(QStringLiteral("option-lr"))->text(), QStringLiteral("0.001"));
        QCOMPARE(form.findChild<QComboBox *>(QStringLiteral("option-loss"))->count(), 2);
        auto *more = form.findChild<QToolButton *>(QStringLiteral("more-B"));
        auto *seed = form.findChild<QWidget *>(QStringLiteral("option-seed"));
        QVERIFY(more && !seed->isVisibleTo(&form));
        more->click();
        QVERIFY(seed->isVisibleTo(&form));
    }

    void learningRatesStepByMagnitudeAndReadScientific()
    {
        OptionsForm form;
        form.setSpecs(everyKind());
        auto *lr = form.findChild<QDoubleSpinBox *>(QStringLiteral("option-lr"));
        lr->stepUp();
        QCOMPARE(lr->value(), 0.002);
        lr->stepUp();
        QCOMPARE(lr->value(), 0.005);
        lr->stepUp();
        QCOMPARE(lr->value(), 0.01);
        lr->stepDown();
        QCOMPARE(lr->value(), 0.005);
        lr->selectAll();
        QTest::keyClicks(lr, QStringLiteral("3e-5"));
        QTest::keyClick(lr, Qt::Key_Return);
        QCOMPARE(lr->value(), 3e-5);
        QCOMPARE(form.values()["lr"].toDouble(), 3e-5);
    }

    void changesAreTold()
    {
        OptionsForm form;
        form.setSpecs(everyKind());
        QSignalSpy changed(&form, &OptionsForm::valueChanged);
        form.findChild<QCheckBox *>(QStringLiteral("option-flip"))->click();
        QCOMPARE(changed.count(), 1);
        QCOMPARE(changed[0][0].toString(), QStringLiteral("flip"));
        form.setValues(Json::parse(R"({"count":3})").value());
        form.setSpecs(everyKind());
        QCOMPARE(changed.count(), 1);
    }

    void errorsStandAtTheirField()
    {
        OptionsForm form;
        form.setSpecs(everyKind());
        form.findChild<QLineEdit *>(QStringLiteral("option-limit"))->setText(QStringLiteral("many"));
        const auto checked = form.check();
        QVERIFY(!checked);
        QCOMPARE(checked.error().context, std::string("limit"));
        auto *error = form.findChild<QLabel *>(QStringLiteral("error-limit"));
        QVERIFY(error->isVisibleTo(&form));
        QVERIFY(error->text().contains(QStringLiteral("limit")));
        form.clearErrors();
        QVERIFY(!error->isVisibleTo(&form));
        QVERIFY(form.showError(QStringLiteral("seed"), QStringLiteral("not this one")));
        QVERIFY(form.findChild<QWidget *>(QStringLiteral("option-seed"))->isVisibleTo(&form)); // unfolded
        QVERIFY(!form.showError(QStringLiteral("nothing"), QStringLiteral("x")));
    }

    void otherSpecsKeepWhatStays()
    {
        auto specs = everyKind();
        OptionsForm form;
        form.setSpecs(specs);
        form.setValues(Json::parse(R"({"count":3,"loss":"dice"})").value());
        specs[5].choices = {"ce", "bce"}; // dice is gone
        specs.erase(specs.begin());
        form.setSpecs(specs);
        QCOMPARE(form.values()["count"].toInt(), std::int64_t{3});
        QCOMPARE(form.values()["loss"].toString(), std::string("ce"));
        QVERIFY(!form.values().contains("flip"));
    }
};

QTEST_MAIN(TestForms)
#include "test_forms.moc"
