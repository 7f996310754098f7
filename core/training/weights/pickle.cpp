// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/weights/pickle.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <optional>
#include <unordered_map>

namespace masque::pickle {

namespace {

using Kind = Value::Kind;

constexpr std::size_t kMostValues = 8'000'000;
constexpr std::string_view kOrderedDict = "collections.OrderedDict", kSize = "torch.Size",
                           kParameter = "torch._utils._rebuild_parameter", kTensor = "torch._utils._rebuild_tensor",
                           kTensor2 = "torch._utils._rebuild_tensor_v2";

bool isStorage(std::string_view name)
{
    static constexpr std::string_view kTypes[] = {"Float", "Double", "Half", "BFloat16", "Long",
                                                  "Int",   "Short",  "Char", "Byte",     "Bool"};
    for (const auto type : kTypes)
        if (name.starts_with("torch.") && name.ends_with("Storage") && name.substr(6, name.size() - 6 - 7) == type)
            return true;
    return false;
}

/// A refusal; caught in parse.
struct Refusal {
    std::string why;
};

/// pickletools' description of the opcodes is the source.
class Machine {
public:
    explicit Machine(std::string_view bytes) : m_bytes(bytes), m_out(std::make_unique<Document>()) {}

    std::unique_ptr<Document> run()
    {
        while (!step()) {
        }
        m_out->size = m_at;
        return std::move(m_out);
    }

private:
    [[noreturn]] void refuse(const std::string &why) const
    {
        throw Refusal{why + " (byte " + std::to_string(m_at) + " of its pickle)"};
    }

    std::string_view take(std::size_t count)
    {
        if (count > m_bytes.size() - m_at)
            refuse("it ends early");
        m_at += count;
        return m_bytes.substr(m_at - count, count);
    }
    /// Little endian.
    template <typename T>
    T number()
    {
        static_assert(std::endian::native == std::endian::little);
        T value;
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }
    std::string_view line()
    {
        const auto end = m_bytes.find('\n', m_at);
        if (end == std::string_view::npos)
            refuse("it ends early");
        const auto text = take(end - m_at);
        take(1);
        return text;
    }

    Value *make(Kind kind)
    {
        if (m_out->values.size() >= kMostValues)
            refuse("it holds too many values");
        return &m_out->values.emplace_back(Value{.kind = kind});
    }
    void push(Value *value) { m_stack.push_back(value); }
    Value *push(Kind kind)
    {
        push(make(kind));
        return m_stack.back();
    }
    void pushWhole(std::int64_t whole) { push(Kind::Int)->whole = whole; }
    void pushReal(double real) { push(Kind::Real)->real = real; }
    void pushText(Kind kind, std::string_view text) { push(kind)->text = text; }
    Value *top() const
    {
        if (m_stack.empty() || (!m_marks.empty() && m_marks.back() >= m_stack.size()))
            refuse("it takes more than it has");
        return m_stack.back();
    }
    Value *pop()
    {
        auto *value = top();
        m_stack.pop_back();
        return value;
    }
    /// What was pushed since the last mark.
    std::vector<Value *> popToMark()
    {
        if (m_marks.empty())
            refuse("it takes more than it has");
        const auto from = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
        std::vector<Value *> values(from, m_stack.end());
        m_stack.erase(from, m_stack.end());
        m_marks.pop_back();
        return values;
    }
    void pushTuple(std::size_t count)
    {
        std::vector<Value *> items(count);
        for (std::size_t i = count; i-- > 0;)
            items[i] = pop();
        push(Kind::Tuple)->items = std::move(items);
    }
    void append(Kind kind, const std::vector<Value *> &items)
    {
        auto *to = top();
        if (to->kind != kind || (kind == Kind::Dict && items.size() % 2 != 0))
            refuse("it adds to what is no list or dict");
        to->items.insert(to->items.end(), items.begin(), items.end());
    }

    /// Python's own long, two's complement.
    void pushLong(std::string_view bytes)
    {
        if (bytes.size() > sizeof(std::int64_t)) {
            pushText(Kind::Int, bytes);
            return;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i)
            value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
        if (!bytes.empty() && bytes.size() < sizeof value && (bytes.back() & 0x80))
            value |= ~std::uint64_t{0} << (8 * bytes.size());
        pushWhole(static_cast<std::int64_t>(value));
    }
    /// As text: "12", "12L"; "01" and "00" are true and false in protocol 1.
    void pushDigits(std::string_view text)
    {
        if (text == "01" || text == "00") {
            push(Kind::Bool)->whole = text == "01";
            return;
        }
        if (text.ends_with('L'))
            text.remove_suffix(1);
        std::int64_t value = 0;
        if (const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
            read.ec != std::errc() || read.ptr != text.data() + text.size())
            refuse("it has a number that is none");
        pushWhole(value);
    }
    void pushRealText(std::string_view text)
    {
        double value = 0;
        if (const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
            read.ptr != text.data() + text.size())
            refuse("it has a number that is none");
        pushReal(value);
    }
    void pushQuoted(std::string_view text)
    {
        const bool isQuoted = text.size() >= 2 && (text.front() == '\'' || text.front() == '"')
                              && text.front() == text.back() && text.find('\\') == std::string_view::npos;
        if (!isQuoted)
            refuse("it has a text that cannot be read");
        pushText(Kind::Text, text.substr(1, text.size() - 2));
    }

    void pushName(std::string name)
    {
        if (!isStorage(name) && name != kOrderedDict && name != kSize && name != kParameter && name != kTensor
            && name != kTensor2)
            refuse("it asks for \"" + name + "\", and only tensors, numbers, texts, lists and dicts are read");
        push(Kind::Name)->text = std::move(name);
    }
    void call(const Value &what, const Value &arguments)
    {
        if (what.kind != Kind::Name || arguments.kind != Kind::Tuple)
            refuse("it calls what is no name");
        const auto &given = arguments.items;
        if (what.text == kOrderedDict) {
            auto *dict = push(Kind::Dict);
            if (given.size() > 1 || (given.size() == 1 && given[0]->kind != Kind::List))
                refuse("its OrderedDict is made of what are no pairs");
            for (const auto *pair : given.empty() ? given : given[0]->items) {
                if ((pair->kind != Kind::Tuple && pair->kind != Kind::List) || pair->items.size() != 2)
                    refuse("its OrderedDict is made of what are no pairs");
                copy(pair->items, *dict);
            }
        } else if ((what.text == kSize && given.size() == 1 && given[0]->kind == Kind::Tuple)
                   || (what.text == kParameter && !given.empty())) {
            push(given[0]);
        } else if (what.text == kTensor || what.text == kTensor2) {
            auto *made = push(Kind::Call);
            made->text = what.text;
            copy(given, *made);
        } else {
            refuse("it calls " + what.text + " in another way than PyTorch writes");
        }
    }

    /// Counted, since a few bytes can ask for a long list again and again.
    void copy(const std::vector<Value *> &items, Value &to)
    {
        m_copied += items.size();
        if (m_copied > kMostValues)
            refuse("it holds too many values");
        to.items.insert(to.items.end(), items.begin(), items.end());
    }

    void remember(std::size_t at) { m_memo[at] = top(); }
    void recall(std::size_t at)
    {
        const auto found = m_memo.find(at);
        if (found == m_memo.end())
            refuse("it asks for a value that it never made");
        push(found->second);
    }
    std::size_t place(std::string_view text) const
    {
        std::size_t at = 0;
        if (std::from_chars(text.data(), text.data() + text.size(), at).ec != std::errc())
            refuse("it has a number that is none");
        return at;
    }

    /// True at the pickle's end.
    bool step()
    {
        const auto code = static_cast<unsigned char>(take(1)[0]);
        switch (code) {
        case 0x80: // PROTO
            if (number<std::uint8_t>() > 5)
                refuse("its pickle is of a newer protocol than 5");
            break;
        case 0x95: // FRAME
            number<std::uint64_t>();
            break;
        case '.': // STOP
            m_out->root = pop();
            return true;
        case '(': // MARK
            m_marks.push_back(m_stack.size());
            break;
        case '0': // POP, of a mark, too
            if (!m_marks.empty() && m_marks.back() == m_stack.size())
                m_marks.pop_back();
            else
                pop();
            break;
        case '1': // POP_MARK
            popToMark();
            break;
        case '2': // DUP
            push(top());
            break;
        case 'N': push(Kind::None); break;
        case 0x88: // NEWTRUE
        case 0x89: // NEWFALSE
            push(Kind::Bool)->whole = code == 0x88;
            break;
        case 'I': // INT
        case 'L': // LONG
            pushDigits(line());
            break;
        case 'J': // BININT
            pushWhole(number<std::int32_t>());
            break;
        case 'K': // BININT1
            pushWhole(number<std::uint8_t>());
            break;
        case 'M': // BININT2
            pushWhole(number<std::uint16_t>());
            break;
        case 0x8a: // LONG1
            pushLong(take(number<std::uint8_t>()));
            break;
        case 0x8b: // LONG4
            pushLong(take(number<std::uint32_t>()));
            break;
        case 'F': // FLOAT
            pushRealText(line());
            break;
        case 'G': // BINFLOAT, big endian
        {
            std::uint64_t bits = 0;
            for (const char byte : take(sizeof bits))
                bits = bits << 8 | static_cast<unsigned char>(byte);
            pushReal(std::bit_cast<double>(bits));
            break;
        }
        case 'S': // STRING
            pushQuoted(line());
            break;
        case 'V': // UNICODE
            pushText(Kind::Text, line());
            break;
        case 'T': // BINSTRING
        case 'X': // BINUNICODE
            pushText(Kind::Text, take(number<std::uint32_t>()));
            break;
        case 'U':  // SHORT_BINSTRING
        case 0x8c: // SHORT_BINUNICODE
            pushText(Kind::Text, take(number<std::uint8_t>()));
            break;
        case 0x8d: // BINUNICODE8
            pushText(Kind::Text, take(number<std::uint64_t>()));
            break;
        case 'B': // BINBYTES
            pushText(Kind::Bytes, take(number<std::uint32_t>()));
            break;
        case 'C': // SHORT_BINBYTES
            pushText(Kind::Bytes, take(number<std::uint8_t>()));
            break;
        case 0x8e: // BINBYTES8
            pushText(Kind::Bytes, take(number<std::uint64_t>()));
            break;
        case ']': // EMPTY_LIST
            push(Kind::List);
            break;
        case 'a': // APPEND
        {
            auto *item = pop();
            append(Kind::List, {item});
            break;
        }
        case 'e': // APPENDS
        {
            const auto items = popToMark();
            append(Kind::List, items);
            break;
        }
        case 'l': // LIST
        {
            auto items = popToMark();
            push(Kind::List)->items = std::move(items);
            break;
        }
        case ')': // EMPTY_TUPLE
            push(Kind::Tuple);
            break;
        case 't': // TUPLE
        {
            auto items = popToMark();
            push(Kind::Tuple)->items = std::move(items);
            break;
        }
        case 0x85: // TUPLE1
        case 0x86:
        case 0x87: pushTuple(code - 0x84u); break;
        case '}': // EMPTY_DICT
            push(Kind::Dict);
            break;
        case 'd': // DICT
        {
            auto items = popToMark();
            push(Kind::Dict);
            append(Kind::Dict, items);
            break;
        }
        case 's': // SETITEM
        {
            auto *value = pop();
            auto *key = pop();
            append(Kind::Dict, {key, value});
            break;
        }
        case 'u': // SETITEMS
        {
            const auto items = popToMark();
            append(Kind::Dict, items);
            break;
        }
        case 'c': // GLOBAL
        {
            const std::string module(line());
            pushName(module + "." + std::string(line()));
            break;
        }
        case 0x93: // STACK_GLOBAL
        {
            const auto *name = pop();
            const auto *module = pop();
            if (name->kind != Kind::Text || module->kind != Kind::Text)
                refuse("it names what is no text");
            pushName(module->text + "." + name->text);
            break;
        }
        case 'R':  // REDUCE
        case 0x81: // NEWOBJ
        {
            const auto *arguments = pop();
            const auto *what = pop();
            call(*what, *arguments);
            break;
        }
        case 'b': // BUILD: an OrderedDict's attributes, such as a state_dict's _metadata
        {
            pop();
            if (top()->kind != Kind::Dict)
                refuse("it sets attributes of what is no dict");
            break;
        }
        case 'p': // PUT
            remember(place(line()));
            break;
        case 'q': // BINPUT
            remember(number<std::uint8_t>());
            break;
        case 'r': // LONG_BINPUT
            remember(number<std::uint32_t>());
            break;
        case 0x94: // MEMOIZE
            remember(m_memo.size());
            break;
        case 'g': // GET
            recall(place(line()));
            break;
        case 'h': // BINGET
            recall(number<std::uint8_t>());
            break;
        case 'j': // LONG_BINGET
            recall(number<std::uint32_t>());
            break;
        case 'Q': // BINPERSID
        {
            auto *where = pop();
            push(Kind::Stored)->items = {where};
            break;
        }
        default:
            refuse("it has the opcode " + std::to_string(code) + ", which makes no tensor, number, text, list or dict");
        }
        return false;
    }

    std::string_view m_bytes;
    std::size_t m_at = 0, m_copied = 0;
    std::unique_ptr<Document> m_out;
    std::vector<Value *> m_stack;
    std::vector<std::size_t> m_marks; ///< how high the stack was
    std::unordered_map<std::size_t, Value *> m_memo;
};

} // namespace

Result<std::unique_ptr<Document>> parse(std::string_view bytes)
try {
    return Machine(bytes).run();
} catch (const Refusal &refusal) {
    return Error{ErrorCode::Format, refusal.why};
}

} // namespace masque::pickle
