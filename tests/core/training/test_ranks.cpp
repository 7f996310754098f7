// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/BatchReader.h"
#include "core/training/ranks/GradientSum.h"
#include "tests/core/training/BlobSource.h"
#include "tests/support/support.h"

#include <thread>

using namespace masque;

namespace {

/// Runs use(ranks) on as many threads as there are to be ranks; what each returned.
template <typename Use>
std::vector<std::string> onRanks(int size, const Use &use)
{
    const int port = freePort();
    std::vector<std::string> told(static_cast<std::size_t>(size));
    std::vector<std::thread> threads;
    for (int rank = 0; rank < size; ++rank)
        threads.emplace_back([&, rank] {
            auto ranks = Ranks::join({.rank = rank, .size = size, .address = "127.0.0.1", .port = port}, {});
            told[static_cast<std::size_t>(rank)] = ranks ? use(**ranks) : ranks.error().message;
        });
    for (auto &thread : threads)
        thread.join();
    return told;
}

std::string textOf(const Result<void> &result)
{
    return result ? "fine" : result.error().message;
}

std::vector<std::vector<std::size_t>> readAll(const BlobSource &source, int batch, int rank, int ranks)
{
    BatchReader reader(source, BatchReader::inOrder(source.size()), {.batch = batch, .rank = rank, .ranks = ranks}, {});
    std::vector<std::vector<std::size_t>> own;
    for (int step = 0; step < reader.steps(); ++step) {
        const auto read = reader.next();
        if (!read)
            return {};
        const auto all = reader.samples(step);
        own.emplace_back(all.begin() + read->first, all.begin() + read->first + read->count);
        if (read->total != static_cast<int>(all.size()) || read->images.size(0) != std::max(1, read->count))
            return {};
    }
    return own;
}

} // namespace

/// Ranks as threads of one process: what they tell each other, and what is summed.
class TestRanks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void figuresAreSummedAndShared()
    {
        const auto told = onRanks(3, [](Ranks &ranks) -> std::string {
            const auto tensor = torch::full({2}, ranks.rank() + 1.0),
                       other = torch::full({}, ranks.rank(), torch::kLong);
            if (!ranks.sum({tensor}) || !ranks.share({other}) || other.item<int>() != 0 || ranks.localSize() != 3)
                return "wrong";
            const auto text = ranks.share("from " + std::to_string(ranks.rank()) + std::string(7, 'x'));
            return std::to_string(tensor[1].item<int>()) + " " + text.value_or("");
        });
        QCOMPARE(told, std::vector<std::string>(3, "6 from 0xxxxxxx"));
    }

    void whatDiffersIsNamed()
    {
        const auto told = onRanks(2, [](Ranks &ranks) {
            Json object = Json::object();
            object.set("lr", ranks.rank());
            object.set("batch", 4);
            return textOf(ranks.agree(object, "options"));
        });
        QCOMPARE(told[0], "options of rank 1 are not those of rank 0; what it says itself tells which");
        QCOMPARE(told[1], "options of rank 1 are not those of rank 0: lr");
    }

    void whoLeavesSaysWhy()
    {
        for (const int leaving : {0, 2}) {
            const auto told = onRanks(3, [&](Ranks &ranks) -> std::string {
                if (ranks.rank() == leaving) {
                    ranks.leave("photo.png: is torn");
                    return "left";
                }
                const auto first = textOf(ranks.sum({torch::ones({1})}));
                return first == textOf(ranks.share({torch::ones({1})})) ? first : "forgotten";
            });
            for (int rank = 0; rank < 3; ++rank)
                QVERIFY2(told[static_cast<std::size_t>(rank)].starts_with(
                             rank == leaving ? "left"
                                             : "rank " + std::to_string(leaving) + " of 3 ended: photo.png: is torn"),
                         told[static_cast<std::size_t>(rank)].c_str());
        }
    }

    void aRankThatIsTwiceIsRefused()
    {
        const int port = freePort();
        std::stop_source stop;
        std::atomic<int> refused = 0, failed = 0;
        std::vector<std::thread> threads;
        for (const int rank : {0, 1, 1})
            threads.emplace_back([&, rank] {
                const auto ranks =
                    Ranks::join({.rank = rank, .size = 3, .address = "127.0.0.1", .port = port}, stop.get_token());
                failed += !ranks; // interrupted, or rank 0 was first
                if (!ranks && ranks.error().message.ends_with("rank 1 is there twice")) {
                    ++refused;
                    stop.request_stop();
                }
            });
        for (auto &thread : threads)
            thread.join();
        QCOMPARE(refused.load(), 1);
        QCOMPARE(failed.load(), 3);
    }

    /// Gathered over two backward passes, with a parameter that one rank's pass does not reach, over several buckets.
    void gradientsAreThoseOfAll()
    {
        using Tensors = std::vector<torch::Tensor>;
        const auto pass = [](const Tensors &weights, int rank, GradientSum *sum) {
            for (int part = 0; part < 2; ++part) {
                if (sum && part == 1)
                    sum->begin();
                const auto x = torch::full({2, 300}, 0.01 * (rank + part + 1));
                auto y = x.mm(weights[0]).mm(weights[1]).pow(2).mean();
                if (rank == 0)
                    y = y + x.mm(weights[2]).mean();
                y.backward();
            }
        };
        const auto make = [] {
            Tensors weights;
            for (const auto &[rows, columns] : {std::pair{300, 1100}, std::pair{1100, 300}, std::pair{300, 4}})
                weights.push_back(torch::full({rows, columns}, 0.02).requires_grad_(true));
            return weights;
        };
        const auto expected = make();
        pass(expected, 0, nullptr);
        pass(expected, 1, nullptr);
        const auto told = onRanks(2, [&](Ranks &ranks) -> std::string {
            const auto weights = make();
            GradientSum sum(ranks, weights);
            if (!sum.isOf(weights) || sum.isOf({weights[0]}))
                return "not of them";
            for (int again = 0; again < 2; ++again) {
                for (const auto &weight : weights)
                    weight.mutable_grad().reset();
                pass(weights, ranks.rank(), &sum);
                if (auto done = sum.finish(); !done)
                    return done.error().message;
                for (std::size_t i = 0; i < weights.size(); ++i)
                    if (!weights[i].grad().allclose(expected[i].grad(), 1e-5))
                        return "gradient " + std::to_string(i) + " differs";
            }
            return "fine";
        });
        QCOMPARE(told, std::vector<std::string>(2, "fine"));
    }

    void aBatchIsDividedAmongRanks_data()
    {
        QTest::addColumn<int>("images");
        QTest::addColumn<int>("batch");
        QTest::addColumn<int>("ranks");
        QTest::newRow("even") << 24 << 4 << 2;
        QTest::newRow("a part left") << 21 << 4 << 2;
        QTest::newRow("too few left: they join") << 19 << 4 << 2;
        QTest::newRow("ranks without an image") << 7 << 1 << 3;
        QTest::newRow("fewer images than ranks") << 2 << 4 << 3;
    }
    void aBatchIsDividedAmongRanks()
    {
        QFETCH(int, images);
        QFETCH(int, batch);
        QFETCH(int, ranks);
        const BlobSource source(static_cast<std::size_t>(images), 2);
        std::vector<std::vector<std::vector<std::size_t>>> own;
        for (int rank = 0; rank < ranks; ++rank)
            own.push_back(readAll(source, batch, rank, ranks));
        QVERIFY(!own[0].empty());
        std::vector<std::size_t> all;
        for (std::size_t step = 0; step < own[0].size(); ++step)
            for (const auto &part : own) {
                QVERIFY(batch == 1 || images < 2 * ranks || part[step].size() >= 2);
                all.insert(all.end(), part[step].begin(), part[step].end());
            }
        QCOMPARE(all.size(), source.size());
        for (std::size_t i = 0; i < all.size(); ++i)
            QCOMPARE(all[i], i);
    }
};

QTEST_GUILESS_MAIN(TestRanks)
#include "test_ranks.moc"
