// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/base/files.h"
#include "core/models/ModelFactory.h"
#include "core/training/initialise.h"
#include "core/training/weights/pickle.h"
#include "core/training/weights/weights_file.h"
#include "tests/support/support.h"

#include <QFile>
#include <QObject>
#include <QProcess>

#include <cstring>

using namespace masque;

namespace {

/// Runs a Python script with a folder as its argument; false after failing the test, or skipping it.
QString pythonProblem(const TestFolder &folder, const char *script)
{
    QProcess python;
    python.start("/usr/bin/python3", {"-c", QString::fromUtf8(script), QString::fromStdString(folder.path())});
    if (!python.waitForFinished(120'000) || python.exitCode() != 0)
        return QString::fromUtf8(python.readAllStandardError()) + python.errorString();
    return {};
}

bool hasPython(const char *modules)
{
    return QProcess::execute("/usr/bin/python3", {"-c", QStringLiteral("import ") + modules}) == 0;
}

std::string text(const char *bytes, std::size_t size)
{
    return {bytes, size};
}

const TensorBlob *find(const TensorFile &file, const std::string &name)
{
    for (const auto &blob : file.tensors)
        if (blob.name == name)
            return &blob;
    return nullptr;
}

template <typename T>
std::vector<T> valuesOf(const TensorBlob &blob)
{
    std::vector<T> values(blob.bytes.size() / sizeof(T));
    std::memcpy(values.data(), blob.bytes.data(), values.size() * sizeof(T));
    return values;
}

constexpr auto kStateDicts = R"(
import sys, collections, numpy, torch
folder = sys.argv[1]
torch.manual_seed(3)
base = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5)
state = collections.OrderedDict()
state['plain.weight'] = base
state['turned.weight'] = base.permute(2, 0, 1)            # not contiguous, of the same storage
state['window'] = base[1:, 1:3, ::2]
state['half'] = torch.randn(7).half()
state['brain'] = torch.randn(5).bfloat16()
state['double'] = torch.randn(2, 2).double()
state['steps'] = torch.tensor(2**40 + 3)
state['small'] = torch.tensor([-3, 4], dtype=torch.int8)
state['yes'] = torch.tensor([True, False])
state['none'] = torch.zeros(0, 3)
state['expanded'] = torch.tensor([1.5]).expand(4, 3)
state['parameter'] = torch.nn.Parameter(torch.randn(3))
state._metadata = {'version': 1}
whole = {'epoch': 3, 'best': 0.25, 'note': 'caf\u00e9', 'list': [1, 2.5, None, True], 'state_dict': state,
         'optimizer': {'state': {0: {'step': 5, 'exp_avg': torch.ones(2)}}, 'param_groups': [{'lr': 1e-3, 'betas': (0.9, 0.999)}]}}
for name, old in (('new', False), ('old', True)):
    torch.save(state, f'{folder}/{name}.pth', _use_new_zipfile_serialization=not old)
    torch.save(whole, f'{folder}/{name}-whole.pth', _use_new_zipfile_serialization=not old)
    torch.save(whole, f'{folder}/{name}-protocol4.pth', pickle_protocol=4, _use_new_zipfile_serialization=not old)
types = {torch.float32: 'F32', torch.float16: 'F16', torch.bfloat16: 'BF16', torch.float64: 'F64', torch.int64: 'I64', torch.int8: 'I8', torch.bool: 'BOOL'}
with open(folder + '/expected.txt', 'w') as out:
    for name, tensor in state.items():
        dense = tensor.detach().contiguous()
        raw = dense.view(torch.int16).numpy().tobytes() if dense.dtype == torch.bfloat16 else dense.numpy().tobytes()
        print(name, types[tensor.dtype], 'x'.join(map(str, tensor.shape)) or '-', raw.hex() or '-', file=out)
)";

} // namespace

class TestWeights : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Numbers, texts and containers of a pickle, by hand (pickletools).
    void picklesOfPlainValues()
    {
        // {'a': [1, -2, 2.5, True], 'b': (None, 70000)} in protocol 2
        const auto bytes = text("\x80\x02}q\x00(X\x01\x00\x00\x00"
                                "aq\x01]q\x02(K\x01J\xfe\xff\xff\xffG@\x04\x00\x00\x00\x00\x00\x00\x88"
                                "eX\x01\x00\x00\x00"
                                "bq\x03NJp\x11\x01\x00\x86q\x04u.rest",
                                69);
        const auto document = pickle::parse(bytes);
        MASQUE_VERIFY(document);
        QCOMPARE((*document)->size, bytes.find("rest"));
        const auto &root = *(*document)->root;
        QCOMPARE(root.items.size(), std::size_t{4});
        const auto &list = root.items[1]->items;
        QCOMPARE(list.size(), std::size_t{4});
        QCOMPARE(list[1]->whole, std::int64_t{-2});
        QCOMPARE(list[2]->real, 2.5);
        QVERIFY(list[3]->kind == pickle::Value::Kind::Bool && list[3]->whole == 1);
        QCOMPARE(root.items[3]->items[1]->whole, std::int64_t{70000});
    }

    /// A safetensors file begins with a length, of which the first byte may be a pickle's.
    void lengthsLikeAnotherFormat()
    {
        const std::string value(sizeof(float), '\0');
        bool isLikePickle = false;
        for (std::size_t size = 0; size < 256; size += 8) {
            Json note = std::string(size, 'x');
            auto bytes = writeSafetensors({{"note", note}}, {{"w", "F32", {1}, value}});
            isLikePickle = isLikePickle || bytes.starts_with('\x80');
            const auto read = weightsFrom(std::move(bytes), "w");
            MASQUE_VERIFY(read);
            QCOMPARE((*read)->tensors.size(), std::size_t{1});
        }
        QVERIFY(isLikePickle);
    }

    /// What would run code is refused by its name, and nothing runs.
    void picklesThatWouldRun_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("named");
        const auto row = [](const char *name, const std::string &bytes, const char *named) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << named;
        };
        row("os.system", "cos\nsystem\n(S'touch ran'\ntR.", "os.system");
        row("eval",
            "\x80\x02"
            "c__builtin__\neval\nq\x01X\x01\x00\x00\x00"
            "1\x85R.",
            "");
        row("by stack", std::string("\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x09touch ran\x85R.", 32),
            "posix.system");
        row("instance", "(S'ran'\nios\nsystem\n.", "opcode 105");
        row("object", "(cos\nsystem\nS'ran'\no.", "os.system");
        row("extension", std::string("\x80\x02\x82\x01.", 5), "opcode 130");
        row("a storage called", "ctorch\nFloatStorage\n)R.", "torch.FloatStorage");
        row("a lookalike", "ctorch\nos.FloatStorage\n)R.", "torch.os.FloatStorage");
        row("attributes of a name", "ctorch\nFloatStorage\n}b.", "attributes");
        row("persistent text", "Pos.system\n.", "opcode 80");
    }
    void picklesThatWouldRun()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, named);
        const auto document = pickle::parse(bytes.toStdString());
        QVERIFY(!document);
        QVERIFY2(QString::fromStdString(document.error().message).contains(named), document.error().message.c_str());
        QVERIFY(!QFile::exists("ran"));
    }

    /// Memory that a few bytes ask for again and again.
    void trapsOfMemory()
    {
        std::string list = "\x80\x02](" + std::string(100'000, 'N') + "eq";
        list += '\0';
        std::string pairs = "\x80\x02(";
        for (int i = 0; i < 100'000; ++i)
            pairs += "NN\x86";
        pairs += "lq";
        pairs += '\0';
        for (int i = 0; i < 1000; ++i)
            pairs += text("ccollections\nOrderedDict\nh\x00\x85R0", 31);
        QVERIFY(!pickle::parse(pairs + "N."));
        std::string nested = "\x80\x02"; // [[[...]]]
        for (int i = 0; i < 1'000'000; ++i)
            nested += ']';
        for (int i = 0; i < 999'999; ++i)
            nested += 'a';
        MASQUE_VERIFY(pickle::parse(nested + "."));
        MASQUE_VERIFY(pickle::parse(text("\x80\x02]q\x00h\x00"
                                         "a.",
                                         9))); // holds itself
        QVERIFY(!pickle::parse(text("\x80\x02X\xff\xff\xff\xff"
                                    "abc",
                                    10)));
        QVERIFY(!pickle::parse("\x80\x02"
                               "e."));
        QVERIFY(!pickle::parse("."));
        QVERIFY(!pickle::parse(""));
        QVERIFY(!weightsFrom(text("\x80\x02]q\x00h\x00"
                                  "a.",
                                  9),
                             "x.pth"));
    }

    void ofPython()
    {
        if (!hasPython("torch, numpy"))
            QSKIP("python3 with torch is not installed");
        const TestFolder folder;
        QCOMPARE(pythonProblem(folder, kStateDicts), QString());
        QFile expected(QString::fromStdString(folder.file("expected.txt")));
        QVERIFY(expected.open(QIODevice::ReadOnly));
        const auto lines = QString::fromUtf8(expected.readAll()).split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 12);
        for (const char *name : {"new", "old", "new-whole", "old-whole", "new-protocol4", "old-protocol4"}) {
            const auto file = readWeights(folder.file(std::string(name) + ".pth"));
            MASQUE_VERIFY(file);
            const bool isWhole = std::strchr(name, '-');
            QCOMPARE((*file)->tensors.size(), std::size_t(isWhole ? 13 : 12));
            for (const auto &line : lines) {
                const auto fields = line.split(' ');
                const auto *blob = find(**file, (isWhole ? "state_dict." : "") + fields[0].toStdString());
                QVERIFY2(blob, qPrintable(line));
                QCOMPARE(QString::fromStdString(blob->type), fields[1]);
                QStringList shape;
                for (const auto side : blob->shape)
                    shape << QString::number(side);
                QCOMPARE(shape.isEmpty() ? "-" : shape.join('x'), fields[2]);
                const QByteArray bytes(blob->bytes.data(), static_cast<qsizetype>(blob->bytes.size()));
                QCOMPARE(bytes.isEmpty() ? QByteArray("-") : bytes.toHex(), fields[3].toLatin1());
            }
            if (isWhole)
                QVERIFY(find(**file, "optimizer.state.0.exp_avg"));
        }
    }

    /// Cut off anywhere, or with any byte changed: a sentence or a file, never a crash.
    void ofPythonDamaged()
    {
        if (!hasPython("torch"))
            QSKIP("python3 with torch is not installed");
        const TestFolder folder;
        QCOMPARE(pythonProblem(folder, R"(
import sys, torch
state = {'a': torch.arange(6.).reshape(2, 3).t(), 'b': {'c': torch.ones(2).half(), 'd': [torch.zeros(1), 4]}}
torch.save(state, sys.argv[1] + '/new.pth')
torch.save(state, sys.argv[1] + '/old.pth', _use_new_zipfile_serialization=False)
)"),
                 QString());
        Random random(7);
        for (const char *name : {"new.pth", "old.pth"}) {
            const auto whole = readFile(folder.file(name)).value();
            for (std::size_t size = 0; size < whole.size(); ++size) {
                const auto cut = weightsFrom(whole.substr(0, size), "cut");
                QVERIFY2(!cut, std::to_string(size).c_str());
                QVERIFY(cut.error().message.starts_with("cut: "));
            }
            for (std::size_t at = 0; at < whole.size(); ++at) {
                auto bytes = whole;
                bytes[at] = static_cast<char>(random.below(256));
                (void)weightsFrom(bytes, "changed");
            }
        }
    }

    void refusedByName()
    {
        if (!hasPython("torch, numpy"))
            QSKIP("python3 with torch is not installed");
        const TestFolder folder;
        QCOMPARE(pythonProblem(folder, R"(
import sys, os, argparse, numpy, pickle, torch
class Evil:
    def __reduce__(self):
        return (os.system, ('touch ' + sys.argv[1] + '/ran',))
save = lambda name, value, new=True: torch.save(value, sys.argv[1] + '/' + name, _use_new_zipfile_serialization=new)
save('evil-new.pth', {'a': torch.ones(1), 'b': Evil()})
save('evil-old.pth', {'a': torch.ones(1), 'b': Evil()}, False)
save('args.pth', {'a': torch.ones(1), 'args': argparse.Namespace(lr=1)})
save('numpy.pth', {'a': torch.ones(1), 'best': numpy.float64(0.5)})
save('module.pth', torch.nn.Linear(2, 2))
save('sparse.pth', {'a': torch.ones(3, 3).to_sparse()})
save('empty.pth', {'epoch': 3})
with open(sys.argv[1] + '/plain.pkl', 'wb') as out:
    pickle.dump({'a': 1}, out)
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), sys.argv[1] + '/program.pt')
)"),
                 QString());
        const std::pair<const char *, const char *> files[] = {
            {"evil-new.pth", "posix.system"},
            {"evil-old.pth", "posix.system"},
            {"args.pth", "argparse.Namespace"},
            {"numpy.pth", "numpy.core.multiarray.scalar"},
            {"module.pth", "torch.nn.modules.linear.Linear"},
            {"sparse.pth", "_rebuild_sparse_tensor"},
            {"empty.pth", "it holds no tensor"},
            {"plain.pkl", "it is a pickle and no file of torch.save"},
            {"program.pt", "it is a TorchScript program"}};
        for (const auto &[name, why] : files) {
            const auto file = readWeights(folder.file(name));
            QVERIFY2(!file, name);
            QVERIFY2(file.error().message.find(why) != std::string::npos, file.error().message.c_str());
            QVERIFY(file.error().message.starts_with(folder.file(name) + ": "));
        }
        QVERIFY(!QFile::exists(QString::fromStdString(folder.file("ran"))));
    }

    /// torchvision's names fill the encoder, whatever stands before them, and a first layer is fitted to grey.
    void encodersOfTorchvision()
    {
        if (!hasPython("torch, torchvision"))
            QSKIP("python3 with torchvision is not installed");
        const TestFolder folder;
        QCOMPARE(pythonProblem(folder, R"(
import sys, json, struct, torch, torchvision
torch.manual_seed(5)
net = torchvision.models.resnet18()
state = net.state_dict()
torch.save(state, sys.argv[1] + '/new.pth')
torch.save({'model': {'module.' + k: v for k, v in state.items()}}, sys.argv[1] + '/old.pth', _use_new_zipfile_serialization=False)
header, data = {}, b''
for name, tensor in state.items():
    raw = tensor.contiguous().numpy().tobytes()
    header[name] = {'dtype': 'F32' if tensor.dtype == torch.float32 else 'I64', 'shape': list(tensor.shape), 'data_offsets': [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
with open(sys.argv[1] + '/new.safetensors', 'wb') as out:
    out.write(struct.pack('<Q', len(text)) + text + data)
torch.save(torchvision.models.mobilenet_v2().state_dict(), sys.argv[1] + '/mobile.pth')
)"),
                 QString());
        const NetworkSpec spec{.model = "resnet18-unet"};
        for (const char *name : {"new.pth", "old.pth", "new.safetensors"}) {
            const auto network = resnet18UnetFactory()->build(spec, 1).value();
            const auto report = initialiseFrom(folder.file(name), "", *network);
            MASQUE_VERIFY(report);
            QCOMPARE(report->loaded.size(), std::size_t{120}); // 122 without the classifier's two
            QVERIFY(std::ranges::all_of(report->loaded, [](const auto &one) { return one.starts_with("encoder."); }));
            QVERIFY(std::ranges::none_of(report->missing, [](const auto &one) { return one.starts_with("encoder."); }));
            QCOMPARE(report->unused.size(), std::size_t{2});
            QVERIFY(report->adapted.empty() && report->misshaped.empty() && !report->isOwn);
        }
        auto grey = spec;
        grey.inputChannels = 1;
        const auto report = initialiseFrom(folder.file("new.pth"), "", *resnet18UnetFactory()->build(grey, 1).value());
        MASQUE_VERIFY(report);
        QCOMPARE(report->adapted, std::vector<std::string>{"encoder.conv1.weight"});
        QCOMPARE(report->loaded.size(), std::size_t{120});
        const auto mobile = initialiseFrom(folder.file("mobile.pth"), "",
                                           *mobileUnetFactory()->build({.model = "mobile-unet"}, 1).value());
        MASQUE_VERIFY(mobile);
        QVERIFY2(mobile->loaded.size() > 200, mobile->text().c_str());
        const auto wrong =
            initialiseFrom(folder.file("mobile.pth"), "", *unetFactory()->build({.model = "unet"}, 1).value());
        QVERIFY(!wrong);
    }
};

QTEST_GUILESS_MAIN(TestWeights)
#include "test_weights.moc"
