#pragma once

#include "engine/data/shards/shard.h"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

// Files on a server over HTTP. What fails for the moment (no connection, one that is cut, 5xx, too many requests,
// another length than was said) is tried again after growing pauses, as long as THAW_NETWORK_PATIENCE says (seconds;
// else 60) without any byte coming. Errors are DataGone with a sentence; NotFound where there is no such file. Blocks;
// any thread.
namespace engine {

// Its size, and what tells another content from it: its ETag, else its time. A size of 0: the server does not say.
[[nodiscard]] ShardStamp remoteStamp(const std::string& url);
// Goes on with what `partial` has of it, and leaves it complete. Throws Error(Stopped) as well.
void download(const std::string& url, const ShardStamp& stamp, const std::filesystem::path& partial,
              const std::stop_token& stop = {});
// A small text; nothing where there is no such file.
[[nodiscard]] std::optional<std::string> remoteText(const std::string& url);

} // namespace engine
