#pragma once

#include "engine/api/datareport.h"
#include "engine/api/experiment.h"
#include "engine/data/samplelist.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// A folder of class folders, listed but not read: which files are picture files of which class and part.
struct ImageFolder {
    std::filesystem::path root;
    std::vector<std::string> classes; // sorted by name; the label is the index
    SampleList train;                 // sorted by file
    SampleList validation;
    std::string trainFolder; // relative to root; empty where class folders lie in the root itself
    std::string validationFolder;
    bool seededSplit = false;
    std::uint64_t fingerprint = 0;                    // of names and sizes
    std::vector<std::string> classesOnlyInValidation; // their files are left out
    std::vector<std::string> classesWithoutPictures;  // folders beside the classes
    std::vector<std::vector<PassedOver>> passedOver;  // of each class
    DataNotes notes;
};

// Finds classes and parts by names and by what lies in the folders (or as the experiment says); without a validation
// part, every class is split by the seed. Folders of validation whose names differ from a class's in case, spaces or
// Unicode composition only are taken for it where no other could be meant. Throws Error(NotFound | BadInput) with what
// to do. Any thread.
[[nodiscard]] ImageFolder openImageFolder(const Experiment& experiment);
// The same for evaluation: all pictures of `root` (or of its validation part) as `validation`, with these classes.
[[nodiscard]] ImageFolder openForEvaluation(const std::filesystem::path& root, const std::vector<std::string>& classes);

} // namespace engine
