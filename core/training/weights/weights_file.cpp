// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/weights/weights_file.h"

#include "core/base/files.h"
#include "core/training/weights/pickle.h"
#include "core/training/weights/zip_archive.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <optional>

namespace masque {

namespace {

using pickle::Value;
using Kind = Value::Kind;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 34;
constexpr std::uint64_t kMostPickle = 256 << 20;
constexpr int kMostNesting = 16;
constexpr std::size_t kMostVisits = 2'000'000;
constexpr std::size_t kMostDimensions = 16;
constexpr std::int64_t kMostRepeated = 1 << 20; ///< elements of a tensor that says one more than once
/// A deflated archive of weights hardly shrinks; a trap does, up to a thousandfold.
constexpr std::uint64_t kMostGrowth = 32;
/// torch.save's before 1.6 (serialization.py's MAGIC_NUMBER), little endian.
constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kProtocol = 1001;

Error refusal(const std::string &path, const std::string &why, ErrorCode code = ErrorCode::Format)
{
    return {code, path + ": not usable as weights: " + why, path};
}

constexpr std::pair<std::string_view, std::string_view> kStorages[] = {
    {"FloatStorage", "F32"}, {"DoubleStorage", "F64"}, {"HalfStorage", "F16"},  {"BFloat16Storage", "BF16"},
    {"LongStorage", "I64"},  {"IntStorage", "I32"},    {"ShortStorage", "I16"}, {"CharStorage", "I8"},
    {"ByteStorage", "U8"},   {"BoolStorage", "BOOL"}};

/// The safetensors type of torch's storage of that name, empty for none.
std::string typeOfStorage(const std::string &name)
{
    for (const auto &[storage, type] : kStorages)
        if (name == "torch." + std::string(storage))
            return std::string(type);
    return {};
}

/// One of the file's stretches of memory, as a pickle refers to it.
struct Storage {
    std::string key, type;
    std::int64_t count = 0; ///< of elements

    std::uint64_t bytes() const { return static_cast<std::uint64_t>(count) * tensorElementSize(type); }
    /// ("storage", type, key, device, count), in the older format and None.
    static std::optional<Storage> of(const Value &stored)
    {
        if (stored.kind != Kind::Stored || stored.items[0]->kind != Kind::Tuple)
            return {};
        const auto &id = stored.items[0]->items;
        const bool isPlain = id.size() == 5 || (id.size() == 6 && id[5]->kind == Kind::None);
        if (!isPlain || id[0]->text != "storage" || id[1]->kind != Kind::Name || id[2]->kind != Kind::Text
            || id[4]->kind != Kind::Int || !id[4]->text.empty() || id[4]->whole < 0
            || static_cast<std::uint64_t>(id[4]->whole) > kMostBytes)
            return {};
        Storage out{id[2]->text, typeOfStorage(id[1]->text), id[4]->whole};
        return out.type.empty() ? std::optional<Storage>() : out;
    }
};

using Storages = std::function<Result<std::string_view>(const Storage &)>;

/// Gathers the tensors of a pickle's value.
class Gathering {
public:
    Gathering(std::string path, const Storages &storages, std::uint64_t fileSize, TensorFile &out)
        : m_path(std::move(path)), m_storages(storages), m_left(4 * fileSize + (1 << 20)), m_out(out)
    {
    }

    Result<void> add(const Value &value, const std::string &name, int nesting = 0)
    {
        if (++m_visits > kMostVisits || nesting > kMostNesting)
            return refusal(m_path, "its dicts hold each other, or too much");
        if (value.kind == Kind::Call)
            return addTensor(value, name);
        const bool isDict = value.kind == Kind::Dict;
        if (!isDict && value.kind != Kind::List && value.kind != Kind::Tuple)
            return {};
        for (std::size_t i = 0; i < value.items.size(); i += isDict ? 2 : 1) {
            const auto *key = value.items[i];
            std::string part = std::to_string(isDict ? key->whole : static_cast<std::int64_t>(i));
            if (isDict && key->kind == Kind::Text)
                part = key->text;
            else if (isDict && key->kind != Kind::Int)
                continue;
            const auto &item = *value.items[isDict ? i + 1 : i];
            if (auto added = add(item, name.empty() ? part : name + "." + part, nesting + 1); !added)
                return added;
        }
        return {};
    }

private:
    static std::optional<std::vector<std::int64_t>> wholes(const Value &value)
    {
        if ((value.kind != Kind::Tuple && value.kind != Kind::List) || value.items.size() > kMostDimensions)
            return {};
        std::vector<std::int64_t> out;
        for (const auto *item : value.items) {
            if (item->kind != Kind::Int || !item->text.empty() || item->whole < 0
                || static_cast<std::uint64_t>(item->whole) > kMostBytes)
                return {};
            out.push_back(item->whole);
        }
        return out;
    }

    /// _rebuild_tensor(storage, offset, size, stride), _v2 with more that is not needed.
    Result<void> addTensor(const Value &call, const std::string &name)
    {
        const auto bad = [&](const std::string &why) { return refusal(m_path, "tensor \"" + name + "\" " + why); };
        const auto &given = call.items;
        const auto storage = given.size() >= 4 ? Storage::of(*given[0]) : std::nullopt;
        if (!storage)
            return bad("has no storage of a known type");
        const auto sizes = wholes(*given[2]), strides = wholes(*given[3]);
        if (given[1]->kind != Kind::Int || given[1]->whole < 0 || !given[1]->text.empty() || !sizes || !strides
            || sizes->size() != strides->size())
            return bad("has no valid offset, size and stride");
        std::int64_t count = 1, dense = 1, last = given[1]->whole; // last: the furthest element
        bool isDense = true;
        if (std::ranges::find(*sizes, 0) != sizes->end())
            count = 0;
        else if (last >= storage->count)
            return bad("reaches beyond its storage");
        for (std::size_t d = sizes->size(); count > 0 && d-- > 0;) {
            const auto size = (*sizes)[d], stride = (*strides)[d];
            if (size > storage->count + kMostRepeated || count > (storage->count + kMostRepeated) / size)
                return bad("says more elements than its storage has");
            count *= size;
            if (size > 1 && stride > 0) {
                if (size - 1 > (storage->count - 1 - last) / stride)
                    return bad("reaches beyond its storage");
                last += (size - 1) * stride;
            }
            isDense = isDense && (size == 1 || stride == dense);
            dense = count;
        }
        const auto bytes = m_storages(*storage);
        if (!bytes)
            return bad(bytes.error().message);
        const auto element = tensorElementSize(storage->type);
        TensorBlob blob{.name = name, .type = storage->type, .shape = *sizes, .bytes = {}};
        if (isDense && count > 0) {
            blob.bytes = bytes->substr(static_cast<std::size_t>(given[1]->whole) * element,
                                       static_cast<std::size_t>(count) * element);
        } else if (count > 0) {
            const auto needed = static_cast<std::uint64_t>(count) * element;
            if (needed > m_left)
                return refusal(m_path, "its tensors say the same memory again and again");
            m_left -= needed;
            blob.bytes = packed(*bytes, element, static_cast<std::size_t>(given[1]->whole), *sizes, *strides);
        }
        const auto [known, isNew] = m_names.emplace(name, m_out.tensors.size());
        if (isNew)
            m_out.tensors.push_back(std::move(blob));
        else
            m_out.tensors[known->second] = std::move(blob); // as a dict has it: the last
        return {};
    }

    std::string_view packed(std::string_view from, std::size_t element, std::size_t offset,
                            const std::vector<std::int64_t> &sizes, const std::vector<std::int64_t> &strides)
    {
        std::string &out = m_out.more.emplace_back();
        std::vector<std::int64_t> at(sizes.size(), 0);
        for (;;) {
            std::int64_t place = 0;
            for (std::size_t d = 0; d < sizes.size(); ++d)
                place += at[d] * strides[d];
            out.append(from.substr((offset + static_cast<std::size_t>(place)) * element, element));
            auto d = sizes.size();
            while (d > 0 && ++at[d - 1] == sizes[d - 1])
                at[--d] = 0;
            if (d == 0)
                return out;
        }
    }

    std::string m_path;
    const Storages &m_storages;
    std::uint64_t m_left; ///< bytes that may still be copied
    TensorFile &m_out;
    std::size_t m_visits = 0;
    std::map<std::string, std::size_t> m_names;
};

Result<void> gather(const std::string &path, const Value &root, const Storages &storages, std::uint64_t fileSize,
                    TensorFile &out)
{
    if (auto added = Gathering(path, storages, fileSize, out).add(root, ""); !added)
        return added;
    return out.tensors.empty() ? Result<void>(refusal(path, "it holds no tensor")) : Result<void>();
}

/// torch.save since 1.6: NAME/data.pkl and NAME/data/KEY.
Result<std::unique_ptr<TensorFile>> fromZip(std::string bytes, const std::string &path)
{
    auto out = std::make_unique<TensorFile>();
    out->data = std::move(bytes);
    const auto archive = ZipArchive::open(out->data);
    if (!archive)
        return refusal(path, archive.error().message, archive.error().code);
    std::string folder;
    const auto has = [&](const std::string &name) {
        return std::ranges::find(archive->names(), folder + name) != archive->names().end();
    };
    for (const auto &name : archive->names())
        if (name.ends_with("/data.pkl") && name.find('/') == name.size() - 9)
            folder = name.substr(0, name.size() - 8);
    if (folder.empty())
        return refusal(path, "it is a zip archive without data.pkl, which torch.save writes");
    if (has("constants.pkl"))
        return refusal(path,
                       "it is a TorchScript program, which predicts as it is (masque import) and is no state_dict",
                       ErrorCode::Unsupported);
    const auto limit = kMostGrowth * out->data.size();
    if (has("byteorder"))
        if (const auto order = archive->read(folder + "byteorder", 64); !order || *order != "little")
            return refusal(path, "it was written on a machine of another byte order", ErrorCode::Unsupported);
    const auto pickled = archive->read(folder + "data.pkl", std::min(limit, kMostPickle));
    if (!pickled)
        return refusal(path, pickled.error().message);
    const auto document = pickle::parse(*pickled);
    if (!document)
        return refusal(path, document.error().message);
    std::map<std::string, std::string_view> records;
    std::uint64_t total = 0;
    const Storages storages = [&](const Storage &storage) -> Result<std::string_view> {
        auto known = records.find(storage.key);
        if (known == records.end()) {
            auto record = archive->read(folder + "data/" + storage.key, limit - std::min(limit, total));
            if (!record)
                return record.error();
            total += record->size();
            known = records.emplace(storage.key, out->more.emplace_back(std::move(*record))).first;
        }
        if (known->second.size() < storage.bytes())
            return Error{ErrorCode::Format, "has a storage that ends early"};
        return known->second;
    };
    if (auto gathered = gather(path, *(*document)->root, storages, out->data.size(), *out); !gathered)
        return gathered.error();
    out->data = {}; // each storage was copied
    return out;
}

/// torch.save before 1.6: pickles of a magic number, a protocol, the machine, the object, the storages' keys; then of
/// each storage the count of its elements and these.
Result<std::unique_ptr<TensorFile>> fromPickles(std::string bytes, const std::string &path)
{
    auto out = std::make_unique<TensorFile>();
    out->data = std::move(bytes);
    const std::string_view all = out->data;
    std::size_t at = 0;
    const auto next = [&] {
        auto document = pickle::parse(all.substr(at, kMostPickle));
        at += document ? (*document)->size : 0;
        return document;
    };
    const auto magic = next();
    if (!magic)
        return refusal(path, magic.error().message);
    if ((*magic)->root->kind != Kind::Int || (*magic)->root->text != kMagic)
        return refusal(path, "it is a pickle and no file of torch.save");
    const auto protocol = next();
    if (!protocol || (*protocol)->root->whole != kProtocol)
        return refusal(path, "it is of an unknown version of torch.save");
    const auto machine = next();
    if (!machine)
        return refusal(path, machine.error().message);
    const auto &about = *(*machine)->root;
    for (std::size_t i = 0; about.kind == Kind::Dict && i < about.items.size(); i += 2)
        if (about.items[i]->text == "little_endian" && about.items[i + 1]->whole == 0)
            return refusal(path, "it was written on a machine of another byte order", ErrorCode::Unsupported);
    const auto object = next();
    if (!object)
        return refusal(path, object.error().message);
    const auto keys = next();
    if (!keys)
        return refusal(path, keys.error().message);

    std::map<std::string, Storage> storages;
    for (const Value &value : (*object)->values)
        if (const auto storage = Storage::of(value))
            storages.emplace(storage->key, *storage);
    std::map<std::string, std::string_view> memory;
    for (const auto *key : (*keys)->root->items) {
        const auto found = storages.find(key->text);
        if (found == storages.end())
            return refusal(path, "it lists a storage that nothing uses: " + key->text);
        std::int64_t count = 0;
        if (all.size() - at < sizeof count)
            return refusal(path, "it ends early");
        std::memcpy(&count, all.data() + at, sizeof count);
        at += sizeof count;
        if (count != found->second.count || found->second.bytes() > all.size() - at)
            return refusal(path, "its storage " + key->text + " has another size than it says, or ends early");
        memory[key->text] = all.substr(at, found->second.bytes());
        at += found->second.bytes();
    }
    const Storages lookUp = [&](const Storage &storage) -> Result<std::string_view> {
        const auto found = memory.find(storage.key);
        if (found == memory.end() || found->second.size() < storage.bytes())
            return Error{ErrorCode::Format, "has a storage that is not in the file"};
        return found->second;
    };
    if (auto gathered = gather(path, *(*object)->root, lookUp, all.size(), *out); !gathered)
        return gathered.error();
    return out;
}

/// Writes what pickle.h reads, in protocol 2.
class Pickle {
public:
    Pickle &code(std::string_view opcodes)
    {
        m_bytes += opcodes;
        return *this;
    }
    Pickle &text(std::string_view value)
    {
        m_bytes += 'X';
        add(static_cast<std::uint32_t>(value.size()));
        m_bytes += value;
        return *this;
    }
    Pickle &whole(std::int64_t value)
    {
        m_bytes += "\x8a\x08"; // LONG1 of eight bytes
        add(value);
        return *this;
    }
    Pickle &wholes(const std::vector<std::int64_t> &values)
    {
        m_bytes += '(';
        for (const auto value : values)
            whole(value);
        m_bytes += 't';
        return *this;
    }
    std::string take() { return std::move(m_bytes); }

private:
    template <typename T>
    void add(T value)
    {
        m_bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
    }
    std::string m_bytes = "\x80\x02";
};

} // namespace

std::string pickledState(const std::vector<TensorBlob> &tensors)
{
    Pickle out;
    out.code("}(");
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const auto &tensor = tensors[i];
        const auto *storage = std::ranges::find(kStorages, tensor.type, [](const auto &one) { return one.second; });
        std::vector<std::int64_t> strides(tensor.shape.size(), 1);
        for (std::size_t d = strides.size(); d-- > 1;)
            strides[d - 1] = strides[d] * std::max<std::int64_t>(1, tensor.shape[d]);
        out.text(tensor.name).code("ctorch._utils\n_rebuild_tensor_v2\n((").text("storage");
        out.code("ctorch\n" + std::string(storage->first) + "\n").text(std::to_string(i)).text("cpu");
        out.whole(static_cast<std::int64_t>(tensor.bytes.size() / tensorElementSize(tensor.type))).code("tQ");
        out.whole(0)
            .wholes(tensor.shape)
            .wholes(strides)
            .code("\x89"
                  "ccollections\nOrderedDict\n)RtR");
    }
    return out.code("u.").take();
}

Result<std::unique_ptr<TensorFile>> weightsFrom(std::string bytes, const std::string &path)
{
    if (bytes.starts_with("PK\x03\x04"))
        return fromZip(std::move(bytes), path);
    if (bytes.starts_with('\x80') && !looksLikeSafetensors(bytes)) // whose first byte is a length's
        return fromPickles(std::move(bytes), path);
    return safetensorsFrom(std::move(bytes), path);
}

Result<std::unique_ptr<TensorFile>> readWeights(const std::string &path)
{
    auto bytes = readFile(path, kMostBytes);
    return bytes ? weightsFrom(std::move(*bytes), path) : bytes.error();
}

} // namespace masque
