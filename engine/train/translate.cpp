#include "engine/train/translate.h"

#include <c10/util/Exception.h>
#include <filesystem>
#include <fmt/format.h>
#include <new>
#include <string_view>

namespace engine {
namespace {

const char* const kMemoryRemedy = "Choose a smaller batch or picture size, or close other programs.";

} // namespace

Error translated(std::exception_ptr exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const Error& error) {
        return error;
    } catch (const std::bad_alloc&) {
        return {ErrorKind::OutOfMemory, "There is not enough memory for this step.", kMemoryRemedy};
    } catch (const c10::OutOfMemoryError&) {
        return {ErrorKind::OutOfMemory, "There is not enough memory for this step.", kMemoryRemedy};
    } catch (const c10::Error& error) {
        const std::string text = error.what_without_backtrace();
        if (text.find("alloc") != std::string::npos && text.find("memory") != std::string::npos)
            return {ErrorKind::OutOfMemory, "There is not enough memory for this step.", kMemoryRemedy};
        return {ErrorKind::Internal, fmt::format("Computing failed: {}", text.substr(0, text.find('\n'))),
                "This is a fault in Thaw; the run's folder holds what is needed to report it."};
    } catch (const std::filesystem::filesystem_error& error) {
        const bool full = error.code() == std::errc::no_space_on_device;
        return {full ? ErrorKind::DiskFull : ErrorKind::BadInput,
                fmt::format("{} could not be written: {}.", error.path1().string(), error.code().message()),
                full ? "Free some space on this disk; the run can be resumed." : "Check the folder's permissions."};
    } catch (const std::exception& error) {
        return {ErrorKind::Internal, fmt::format("Something failed that should not: {}.", error.what()),
                "This is a fault in Thaw; the run's folder holds what is needed to report it."};
    }
}

} // namespace engine
