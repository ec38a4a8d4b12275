#include "engine/text/unicodeclass.h"

#include <algorithm>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include <unicode/uchar.h>
#include <unicode/uset.h>

namespace engine {
namespace {

constexpr std::size_t kCodePoints = 0x110000;

std::uint8_t flagsOf(UCharCategory category) {
    const std::uint32_t mask = U_MASK(category);
    return static_cast<std::uint8_t>(
        ((mask & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0 ? unicode::kOther : 0) |
        ((mask & U_GC_MN_MASK) != 0 ? unicode::kAccent : 0) | ((mask & U_GC_P_MASK) != 0 ? unicode::kMark : 0) |
        ((mask & U_GC_L_MASK) != 0 ? unicode::kLetter : 0) | ((mask & U_GC_N_MASK) != 0 ? unicode::kNumber : 0));
}

UBool addRange(const void* flags, UChar32 start, UChar32 limit, UCharCategory category) {
    std::uint8_t* all = *static_cast<std::uint8_t* const*>(flags);
    std::fill(all + start, all + limit, flagsOf(category));
    return 1;
}

void addSet(std::vector<std::uint8_t>& all, std::u16string_view pattern, std::uint8_t flag) {
    UErrorCode code = U_ZERO_ERROR;
    const std::unique_ptr<USet, decltype(&uset_close)> set(
        uset_openPattern(pattern.data(), static_cast<std::int32_t>(pattern.size()), &code), &uset_close);
    if (U_FAILURE(code))
        throw std::bad_alloc();
    const std::int32_t ranges = uset_getItemCount(set.get());
    for (std::int32_t i = 0; i < ranges; ++i) {
        UChar32 first = 0, last = 0;
        if (uset_getItem(set.get(), i, &first, &last, nullptr, 0, &code) == 0) // a range, no text
            for (UChar32 at = first; at <= last; ++at)
                all[static_cast<std::size_t>(at)] |= flag;
    }
}

constexpr std::pair<char32_t, char32_t> kHanBlocks[] = {{0x4e00, 0x9fff},   {0x3400, 0x4dbf},   {0x20000, 0x2a6df},
                                                        {0x2a700, 0x2b73f}, {0x2b740, 0x2b81f}, {0x2b920, 0x2ceaf},
                                                        {0xf900, 0xfaff},   {0x2f800, 0x2fa1f}};

std::vector<std::uint8_t> allFlags() {
    std::vector<std::uint8_t> all(kCodePoints);
    std::uint8_t* begin = all.data();
    u_enumCharTypes(&addRange, &begin);
    addSet(all, u"[:White_Space:]", unicode::kSpace);
    addSet(all, u"[[:^NFD_Quick_Check=Yes:][:Changes_When_Lowercased:][:^ccc=0:]]", unicode::kVaries);
    for (const auto& [first, last] : kHanBlocks)
        for (char32_t code = first; code <= last; ++code)
            all[code] |= unicode::kHan;
    for (char32_t code = 0x21; code < 0x7f; ++code)
        if ((all[code] & (unicode::kLetter | unicode::kNumber)) == 0)
            all[code] |= unicode::kMark;
    for (const char32_t code : {'\t', '\n', '\r'})
        all[code] = unicode::kSpace;
    return all;
}

} // namespace

UnicodeClasses::UnicodeClasses() {
    const std::vector<std::uint8_t> all = allFlags();
    for (std::size_t block = 0; block < m_index.size(); ++block) {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(block << kBits);
        const auto end = begin + (1 << kBits);
        std::size_t same = 0;
        while (same < m_blocks.size() >> kBits &&
               !std::equal(begin, end, m_blocks.begin() + static_cast<std::ptrdiff_t>(same << kBits)))
            ++same;
        if (same == m_blocks.size() >> kBits)
            m_blocks.insert(m_blocks.end(), begin, end);
        m_index[block] = static_cast<std::uint16_t>(same);
    }
}

const UnicodeClasses& UnicodeClasses::ofIcu() {
    static const UnicodeClasses classes;
    return classes;
}

bool isWordCharacter(char32_t code) {
    const auto character = static_cast<UChar32>(code);
    return u_isUAlphabetic(character) || u_hasBinaryProperty(character, UCHAR_JOIN_CONTROL) ||
           (U_GET_GC_MASK(character) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0;
}

} // namespace engine
