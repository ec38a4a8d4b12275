#pragma once

#include "engine/data/folderlisting.h"
#include "engine/data/imagefolder.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// What is said about a folder of pictures beyond what is used of it.
namespace engine {

[[nodiscard]] std::vector<PassedOver> asPassedOver(const PassedOverCounts& counts);
void merge(std::vector<PassedOver>& into, const std::vector<PassedOver>& more);
// " “dog” has no picture that can be read (8 .heic)." behind an error; empty where there is none.
[[nodiscard]] std::string emptyClassesWords(const std::vector<ClassCount>& empty);

// A folder of the validation part `part` that is no class.
void addStranger(DataNotes& notes, const std::string& part, const ClassCount& stranger);
// A validation part in whose class folders no picture can be read.
void addUnreadablePart(DataNotes& notes, const std::string& part, double share);
// Warnings about classes without pictures, files of other formats, and folders of validation that are no class of
// `owner`. `leaveOut` is what the experiment leaves out already.
void addFindings(ImageFolder& folder, std::string_view owner, const std::vector<std::string>& leaveOut);
// Labels of validation that are no class of `owner`, and how many of what ("row") have them, which are left out; of
// several labels a picture those alone.
void addUnknownLabels(ImageFolder& folder, const std::map<std::string, std::int64_t>& unknown, bool exclusive,
                      std::string_view owner, std::string_view what);
// Warnings about what the experiment leaves out and nobody finds.
void addUnmet(ImageFolder& folder, const std::vector<std::string>& leaveOut, const std::vector<std::string>& unmet);

} // namespace engine
