// One network in everything that training scripts put around it.
#include "engine/api/error.h"
#include "engine/models/load.h"
#include "engine/models/weights/weightsfile.h"
#include "tests/models/wrappings.h"
#include "tests/support/testdata.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace std::string_literals;
using tests::NamedTensor;
using tests::Storages;

namespace {

constexpr const char* kBackbone = "cifar_resnet20";
using Tensors = std::vector<NamedTensor>;

Tensors prefixed(Tensors tensors, const std::string& prefix) {
    for (NamedTensor& one : tensors)
        one.name = prefix + one.name;
    return tensors;
}

Tensors joined(Tensors one, const Tensors& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

// The same shapes with other values.
Tensors decoys(Tensors tensors) {
    for (NamedTensor& one : tensors)
        one.bytes.assign(one.bytes.size(), '\0');
    return tensors;
}

Tensors without(Tensors tensors, const std::string& part) {
    std::erase_if(tensors, [&](const NamedTensor& one) { return one.name.find(part) != std::string::npos; });
    return tensors;
}

std::string plainDict(const Tensors& tensors, Storages& storages) {
    std::vector<std::pair<std::string, std::string>> items;
    for (const NamedTensor& one : tensors)
        items.emplace_back(one.name, storages.tensor(one));
    return tests::dict(items);
}

std::string subclassed(const Tensors& tensors, Storages& storages) {
    const std::string filled = plainDict(tensors, storages);
    return tests::global("my.package", "StateDict") + ")R(" + filled.substr(2) +
           tests::dict({{"_metadata", tests::dict({})}}) + 'b';
}

std::string arrays(const Tensors& tensors, Storages&) {
    std::vector<std::pair<std::string, std::string>> items;
    for (const NamedTensor& one : tensors)
        items.emplace_back(one.name, tests::array(one));
    return tests::dict(items);
}

struct Naming {
    const char* title;
    std::string prefix; // of the backbone; where in the file it stands
    std::function<Tensors(const Tensors&)> make;
};

std::vector<Naming> namings() {
    const auto behind = [](const std::string& prefix) {
        return [prefix](const Tensors& tensors) { return prefixed(tensors, prefix); };
    };
    return {
        {"plain", "", behind("")},
        {"on several devices", "module.", behind("module.")},
        {"compiled", "module._orig_mod.", behind("module._orig_mod.")},
        {"Lightning with a loss and a metric", "model.",
         [](const Tensors& tensors) {
             return joined(prefixed(tensors, "model."), {{"criterion.weight", {2}, tests::floats({1, 1}), false},
                                                         {"accuracy.confmat", {1}, tests::little(7LL), true}});
         }},
        {"OpenMMLab", "backbone.",
         [](const Tensors& tensors) {
             Tensors made = prefixed(without(tensors, "linear."), "backbone.");
             for (const NamedTensor& one : tensors)
                 if (one.name.starts_with("linear."))
                     made.push_back({"head.fc." + one.name.substr(7), one.shape, one.bytes, false});
             return made;
         }},
        {"MoCo", "module.encoder_q.",
         [](const Tensors& tensors) {
             return joined(prefixed(decoys(tensors), "module.encoder_k."), prefixed(tensors, "module.encoder_q."));
         }},
        {"BYOL", "online_network.encoder.",
         [](const Tensors& tensors) {
             return joined(prefixed(decoys(tensors), "target_network.encoder."),
                           prefixed(tensors, "online_network.encoder."));
         }},
        {"an average beside the last step", "ema_model.module.",
         [](const Tensors& tensors) {
             return joined(prefixed(decoys(tensors), "model.module."), prefixed(tensors, "ema_model.module."));
         }},
        {"an average without statistics", "model.",
         [](const Tensors& tensors) {
             const Tensors parametersOnly = without(without(decoys(tensors), "running_"), "num_batches");
             return joined(prefixed(parametersOnly, "shadow."), prefixed(tensors, "model."));
         }},
        {"numbers in order", "0.",
         [](const Tensors& tensors) {
             Tensors made;
             for (const NamedTensor& one : without(tensors, "linear.")) {
                 const std::size_t dot = one.name.find('.');
                 static const std::vector<std::string> order{"conv1", "bn1", "layer1", "layer2", "layer3"};
                 const auto at = std::ranges::find(order, one.name.substr(0, dot)) - order.begin();
                 made.push_back({"0." + std::to_string(at) + one.name.substr(dot), one.shape, one.bytes, one.integers});
             }
             made.push_back({"1.8.weight", {2, 4}, std::string(32, '\0'), false});
             return made;
         }},
        {"an average without statistics, larger by a projector", "model.",
         [](const Tensors& tensors) {
             Tensors average = without(without(decoys(tensors), "running_"), "num_batches");
             average.push_back({"projector.weight", {64, 128}, std::string(64 * 128 * 4, '\0'), false});
             return joined(prefixed(average, "shadow."), prefixed(tensors, "model."));
         }},
    };
}

struct Container {
    const char* title;
    std::string path;
    std::function<std::string(const std::string& object, Storages& storages)> wrap;
};

std::vector<Container> containers() {
    const auto under = [](const std::string& key) {
        return [key](const std::string& object, Storages&) {
            return tests::dict({{"epoch", tests::integer(3)}, {key, object}});
        };
    };
    return {
        {"nothing", "", [](const std::string& object, Storages&) { return object; }},
        {"state_dict and an optimizer", "state_dict.",
         [](const std::string& object, Storages& storages) {
             const std::string moment = storages.tensor({"", {16, 3, 3, 3}, std::string(16 * 27 * 4, '\0'), false});
             return tests::dict({{"optimizer", tests::dict({{"exp_avg", moment}})}, {"state_dict", object}});
         }},
        {"a name of one's own", "what_we_trained.", under("what_we_trained")},
        {"a dictionary in a dictionary", "checkpoint.net.",
         [](const std::string& object, Storages&) {
             return tests::dict({{"checkpoint", tests::dict({{"net", object}})}});
         }},
        {"the second of a list", "models.1.",
         [](const std::string& object, Storages&) {
             return tests::dict({{"models", "](N" + object + 'e'}});
         }},
        {"the student, beside nothing that fits", "student.",
         [](const std::string& object, Storages&) {
             return tests::dict({{"student", object}, {"args", tests::global("argparse", "Namespace") + ")\x81}b"}});
         }},
    };
}

} // namespace

class TestWrappings final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        m_source = engine::makeBackbone(kBackbone, 0, 5);
        for (auto& entry : m_source->named_buffers())
            if (entry.value().is_floating_point())
                entry.value().uniform_(0.5, 1.5);
        for (const engine::TensorView& view : engine::stateViews(*m_source))
            m_tensors.push_back({view.name,
                                 {view.shape.begin(), view.shape.end()},
                                 {static_cast<const char*>(view.data), view.bytes},
                                 view.dtype == engine::DType::Int64});
    }

    void theNetworkIsFoundInWhateverIsAroundIt_data() {
        QTest::addColumn<std::size_t>("naming");
        QTest::addColumn<std::size_t>("container");
        const auto names = namings();
        const auto boxes = containers();
        for (std::size_t name = 0; name < names.size(); ++name)
            for (std::size_t box = 0; box < boxes.size(); ++box)
                QTest::addRow("%s in %s", names[name].title, boxes[box].title) << name << box;
    }
    void theNetworkIsFoundInWhateverIsAroundIt() {
        QFETCH(std::size_t, naming);
        QFETCH(std::size_t, container);
        const Naming name = namings()[naming];
        const Container box = containers()[container];
        const Tensors tensors = name.make(m_tensors);
        constexpr std::array kKinds{&plainDict, &subclassed, &arrays};
        Storages storages;
        const std::string object = kKinds[(naming + container) % kKinds.size()](tensors, storages);
        expectWhole(storages.zip(box.wrap(object, storages)), box.path + name.prefix);
    }

    void aModelSavedWholeIsReadByItsAttributes_data() {
        QTest::addColumn<QString>("path");
        for (const char* path : {"", "module.", "encoder.body."})
            QTest::addRow("%s", *path == '\0' ? "itself" : path) << QString::fromLatin1(path);
    }
    void aModelSavedWholeIsReadByItsAttributes() {
        QFETCH(QString, path);
        Storages storages;
        const std::string object = tests::module(prefixed(m_tensors, path.toStdString()), storages);
        expectWhole(storages.zip(object), path.toStdString());
        expectWhole(storages.zip(tests::dict({{"model", object}})), "model." + path.toStdString());
    }

    void theTeacherComesBeforeTheStudent() {
        Storages storages;
        const std::string object =
            tests::dict({{"student", plainDict(prefixed(decoys(m_tensors), "module.backbone."), storages)},
                         {"teacher", plainDict(prefixed(m_tensors, "backbone."), storages)},
                         {"frozen", tests::global("builtins", "frozenset") + tests::tuple("]") + 'R'}});
        const auto report = expectWhole(storages.zip(object), "teacher.backbone.");
        QCOMPARE(report.elsewhere, static_cast<int>(m_tensors.size()));
        QCOMPARE(report.unexpected, 0);
    }

    void tensorsOfTheLossAreNotUsedAndSaid() {
        Storages storages;
        const std::string object = tests::dict({{"state_dict", plainDict(namings()[3].make(m_tensors), storages)}});
        const auto report = engine::inspectWeights(write(storages.zip(object)), kBackbone);
        QCOMPARE(report.matched, static_cast<int>(m_tensors.size()));
        QCOMPARE(report.unexpected, 2);
        QCOMPARE(report.tensors.back().name, "accuracy.confmat"s);
        QCOMPARE(report.wrappers, (std::vector<std::string>{"state_dict", "model."}));
    }

    void aPickleOfArraysAloneIsRead() {
        Storages storages;
        expectWhole(tests::pickle(tests::dict({{"blobs", arrays(m_tensors, storages)}})), "blobs.");
    }

    void arraysByColumnsAndAsTextAreRead() {
        // [2, 3] with the columns first; Python 3's protocol 2 has its bytes as text.
        const NamedTensor one{"w", {2, 3}, tests::floats({0, 1, 2, 3, 4, -1}), false};
        std::string encoded;
        for (const char byte : one.bytes) {
            const auto value = static_cast<unsigned char>(byte);
            if (value < 0x80)
                encoded += byte;
            else
                encoded += {static_cast<char>(0xc0 | value >> 6), static_cast<char>(0x80 | (value & 0x3f))};
        }
        std::string object = tests::array(one);
        const std::string plain = "\x89" + tests::bytesOf(one.bytes);
        object.replace(object.find(plain), plain.size(),
                       "\x88" + tests::global("_codecs", "encode") +
                           tests::tuple(tests::text(encoded) + tests::text("latin1")) + 'R');
        const auto file = engine::WeightsFile::open(write(tests::pickle(tests::dict({{"w", object}}))));
        const engine::StoredTensor& tensor = *file.find("w");
        QCOMPARE(tensor.strides, (std::vector<std::int64_t>{1, 2}));
        float last = 0;
        std::memcpy(&last, tensor.data + 5 * 4, sizeof last);
        QCOMPARE(last, -1.0f);
    }

    void theFilesOwnHeadDecidesTheClasses() {
        Storages storages;
        Tensors tensors = without(m_tensors, "linear.");
        tensors = prefixed(tensors, "backbone.");
        tensors.push_back({"head.fc.weight", {3, 64}, std::string(3 * 64 * 4, '\0'), false});
        tensors.push_back({"head.fc.bias", {3}, std::string(12, '\0'), false});
        const std::string names = "](" + tests::text("ant") + tests::text("bee") + tests::text("cat") + 'e';
        const auto file = write(storages.zip(
            tests::dict({{"meta", tests::dict({{"CLASSES", names}})}, {"state_dict", plainDict(tensors, storages)}})));
        const auto head = engine::headOf(file, engine::findBackbone(kBackbone));
        QCOMPARE(head.classes, 3);
        QCOMPARE(head.names, (std::vector<std::string>{"ant", "bee", "cat"}));
        const auto model = engine::makeBackbone(kBackbone, 3, 1);
        engine::loadWeights(*model, file, true);
        QCOMPARE(model->named_parameters()["linear.weight"].abs().max().item<float>(), 0.0f);
        const auto report = engine::inspectWeights(file, kBackbone);
        QCOMPARE(report.unexpected + report.missing, 0);
    }

    void twoHeadsOfOtherNamesAreNoHead_data() {
        QTest::addColumn<QString>("around");
        for (const char* around : {"projector", "head"}) // named like a head or not
            QTest::newRow(around) << QString::fromLatin1(around);
    }
    void twoHeadsOfOtherNamesAreNoHead() {
        QFETCH(QString, around);
        Storages storages;
        Tensors tensors = without(m_tensors, "linear.");
        for (const char* layer : {".0", ".2"}) {
            const std::string name = around.toStdString() + layer;
            tensors.push_back({name + ".weight", {8, 64}, std::string(8 * 64 * 4, '\0'), false});
            tensors.push_back({name + ".bias", {8}, std::string(32, '\0'), false});
        }
        const auto file = write(storages.zip(plainDict(tensors, storages)));
        QCOMPARE(engine::headOf(file, engine::findBackbone(kBackbone)).classes, 0);
    }

    void namesOfClassesAreFoundInEveryForm_data() {
        QTest::addColumn<QByteArray>("entry");
        const auto pair = [](const std::string& a, const std::string& b) { return a + b; };
        const auto row = [](const char* key, const std::string& value) {
            QTest::newRow(key) << QByteArray::fromStdString(tests::dict({{key, value}}));
        };
        using tests::integer, tests::text;
        row("classes", "](" + text("ant") + text("bee") + 'e');
        row("id2label", "}(" + pair(integer(1), text("bee")) + pair(integer(0), text("ant")) + 'u');
        row("class_to_idx", "}(" + pair(text("ant"), integer(0)) + pair(text("bee"), integer(1)) + 'u');
        row("class_names", tests::tuple(text("ant") + text("bee")));
    }
    void namesOfClassesAreFoundInEveryForm() {
        QFETCH(QByteArray, entry);
        Storages storages;
        const auto file = engine::WeightsFile::open(write(storages.zip(
            tests::dict({{"hyper_parameters", entry.toStdString()}, {"state_dict", plainDict(m_tensors, storages)}}))));
        QCOMPARE(file.classNames(2), (std::vector<std::string>{"ant", "bee"}));
        QVERIFY(file.classNames(3).empty());
    }

    void namesWithoutTheirNumbersAreNotThoseOfTheClasses() {
        for (const auto& [first, second] : {std::pair(1, 2), {0, 2}, {-1, 0}}) {
            Storages storages;
            const std::string entry =
                "}(" + tests::integer(first) + tests::text("ant") + tests::integer(second) + tests::text("bee") + 'u';
            const auto file = engine::WeightsFile::open(write(
                storages.zip(tests::dict({{"id2label", entry}, {"state_dict", plainDict(m_tensors, storages)}}))));
            QVERIFY(file.classNames(2).empty());
        }
    }

    void casesOfOthersFilesAreWhole() {
        NEEDS_DATA("cases/checkpoints-with-more-in-them");
        const auto folder = tests::testData("cases/checkpoints-with-more-in-them");
        const auto lightning = engine::inspectWeights(folder / "lightning-with-loss-and-metric.ckpt", kBackbone);
        QCOMPARE(lightning.pretrainedShare, 1.0);
        QCOMPARE(lightning.matched, 97);
        QCOMPARE(lightning.unexpected, 2);
        const auto openMmLab = engine::inspectWeights(folder / "backbone-and-head.pth", kBackbone);
        QCOMPARE(openMmLab.pretrainedShare, 1.0);
        QCOMPARE(openMmLab.takenFrom, "state_dict.backbone."s);
    }

private:
    std::filesystem::path write(const std::string& bytes) {
        const std::filesystem::path path = m_folder.filePath(QStringLiteral("file.pth")).toStdString();
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    engine::WeightsReport expectWhole(const std::string& bytes, const std::string& from) {
        const auto file = write(bytes);
        const auto model = engine::makeBackbone(kBackbone, 2, 1);
        engine::WeightsReport report;
        try {
            report = engine::loadWeights(*model, file, false);
        } catch (const engine::Error& error) {
            QTest::qFail(error.what(), __FILE__, __LINE__);
            return report;
        }
        [&] {
            QCOMPARE(report.pretrainedShare, 1.0);
            QCOMPARE(report.takenFrom, from);
            const auto loaded = model->named_parameters(), wanted = m_source->named_parameters();
            for (const auto& entry : wanted)
                if (!entry.key().starts_with("linear."))
                    QVERIFY2(at::equal(loaded[entry.key()], entry.value()), entry.key().c_str());
            const auto statistics = model->named_buffers();
            for (const auto& entry : m_source->named_buffers())
                QVERIFY2(at::equal(statistics[entry.key()], entry.value()), entry.key().c_str());
        }();
        return report;
    }

    QTemporaryDir m_folder;
    std::shared_ptr<engine::Backbone> m_source;
    Tensors m_tensors;
};

QTEST_GUILESS_MAIN(TestWrappings)
#include "tst_wrappings.moc"
