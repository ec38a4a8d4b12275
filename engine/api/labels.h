#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace engine {

// What a person says of a picture against its data set: that it shows another class, or that it is left out. Files stay
// as they are.
struct LabelChange {
    std::filesystem::path root; // where the files of the data set begin; empty in a run's own list: its data
    std::string file;           // relative to it
    std::string label;          // its class from now on; empty: it is left out
    std::string was;            // its class in the data
    double time = 0;            // when it was said: seconds since 1970

    [[nodiscard]] bool leavesOut() const { return label.empty(); }
    bool operator==(const LabelChange&) const = default;
};

// A table for people as well, beside the experiment; a run keeps the part of it that it obeys.
inline constexpr const char* kLabelChangesFile = "label-changes.csv";
// Setting `fixKey` of a Finding whose files are to be left out through this list: `fixValue` names them, a line each.
inline constexpr const char* kLeaveOutByList = "labels.leave_out";

// The list in this folder, in the order in which it was made; empty where there is none. Throws Error(BadInput) that
// names what cannot be read. Any thread.
[[nodiscard]] std::vector<LabelChange> readLabelChanges(const std::filesystem::path& folder);
// Changes the list as it stands; of several who do so at once nobody's change is lost. A list without entries is
// removed. Throws Error(DiskFull | BadInput). Blocks for milliseconds; any thread.
void editLabelChanges(const std::filesystem::path& folder, const std::function<void(std::vector<LabelChange>&)>& edit);

// What the list says of a picture, or null.
[[nodiscard]] const LabelChange* findLabelChange(std::span<const LabelChange> list, const std::filesystem::path& root,
                                                 const std::string& file);
// Takes out what the list says of a picture.
void forgetLabelChange(std::vector<LabelChange>& list, const std::filesystem::path& root, const std::string& file);
// Says something of a picture, in the place of what was said before; its own class again takes that out.
void setLabelChange(std::vector<LabelChange>& list, LabelChange change);

// "2 pictures have another class and 1 is left out"; empty where there are none.
[[nodiscard]] std::string labelChangeWords(std::size_t relabelled, std::size_t leftOut);
[[nodiscard]] std::string labelChangeWords(std::span<const LabelChange> list);

} // namespace engine
