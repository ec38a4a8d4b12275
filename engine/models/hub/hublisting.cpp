#include "engine/models/hub/hublisting.h"

#include "engine/models/weights/jsonreader.h"
#include "engine/models/weights/limits.h"

namespace engine {
namespace {

using Kind = JsonReader::Kind;

constexpr const char* kNoHub = "Check HF_ENDPOINT: it may not be a hub.";

// [{"rfilename": "config.json", …}, …]
void readFiles(JsonReader& json, std::vector<std::string>& files) {
    json.beginArray();
    while (json.nextElement()) {
        json.beginObject();
        for (std::string key; json.nextKey(key);) {
            if (key != "rfilename" || json.kind() != Kind::Text) {
                json.skipValue();
                continue;
            }
            files.push_back(json.text());
            if (files.size() > limits::kTensors)
                refuseWeights("The hub's list of files is too long.", kNoHub);
        }
    }
}

} // namespace

HubListing readHubListing(std::string_view text) {
    HubListing listing;
    JsonReader json(text, "The hub's list of files");
    json.beginObject();
    for (std::string key; json.nextKey(key);) {
        if (key == "sha" && json.kind() == Kind::Text)
            listing.commit = json.text();
        else if (key == "siblings" && json.kind() == Kind::Array)
            readFiles(json, listing.files);
        else
            json.skipValue();
    }
    json.end();
    if (listing.commit.size() != 40 || listing.commit.find_first_not_of("0123456789abcdef") != std::string::npos)
        refuseWeights("The hub does not say which commit its files belong to.", kNoHub);
    return listing;
}

} // namespace engine
