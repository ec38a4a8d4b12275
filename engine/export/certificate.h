#pragma once

#include "engine/api/export.h"

#include <filesystem>
#include <string>

namespace engine {

inline constexpr const char* kCertificateFile = "certificate.json";

[[nodiscard]] std::string certificateText(const Certificate& certificate);
// That in `folder`. Throws Error(BadInput): there is none.
[[nodiscard]] Certificate readCertificate(const std::filesystem::path& folder);
// Bytes and SHA-256 of the file that holds the parameters, and of what lies beside it (its name and ".data").
void describeFile(Certificate& certificate, const std::filesystem::path& folder, const std::string& file);
// By how much outputs may differ.
[[nodiscard]] double toleranceOf(ExportPrecision precision, ExportInput input) noexcept;

} // namespace engine
