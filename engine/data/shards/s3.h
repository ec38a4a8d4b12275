#pragma once

#include "engine/models/hub/httpclient.h"

#include <string>

namespace engine {

// What s3://bucket/key means to whoever speaks HTTP: the address at the endpoint, and how it is signed. Endpoint,
// region and credential come from the usual variables (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION,
// AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), else from the profile AWS_PROFILE
// of ~/.aws/config and
// ~/.aws/credentials; they are read for each request, so that a renewed one counts at once. Without a credential
// nothing is signed. Throws Error(BadInput) where there is no endpoint. Any thread.
[[nodiscard]] HttpRequest s3Request(const std::string& address);

} // namespace engine
