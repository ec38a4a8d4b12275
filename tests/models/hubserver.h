#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tests {

struct HubRequest {
    std::string method, path;
    std::map<std::string, std::string> headers; // names in lower case
};

// How one request is answered; `sent` < body.size() drops the connection in the middle.
struct HubReply {
    int status = 200;
    std::map<std::string, std::string> headers; // Content-Length is added where it is not given
    std::string body;
    std::size_t sent = SIZE_MAX;
};

// A local HTTP server that answers, or misbehaves, as the test says. One connection at a time, one request each.
class HubServer final {
public:
    using Handler = std::function<HubReply(const HubRequest&)>;
    explicit HubServer(Handler handler);
    ~HubServer();

    std::string address(const std::string& host = "127.0.0.1") const {
        return "http://" + host + ':' + std::to_string(m_port);
    }
    std::vector<HubRequest> requests() const;
    void clear();

private:
    void serve();
    void answer(int connection);

    Handler m_handler;
    int m_listener = -1;
    int m_port = 0;
    mutable std::mutex m_mutex; // guards m_requests
    std::vector<HubRequest> m_requests;
    std::thread m_thread;
};

} // namespace tests
