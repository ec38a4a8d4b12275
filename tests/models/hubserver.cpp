#include "tests/models/hubserver.h"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tests {
namespace {

HubRequest parse(const std::string& text) {
    HubRequest request;
    request.method = text.substr(0, text.find(' '));
    const std::size_t start = request.method.size() + 1;
    request.path = text.substr(start, text.find(' ', start) - start);
    for (std::size_t at = text.find("\r\n"); at + 2 < text.size(); at = text.find("\r\n", at + 2)) {
        const std::string line = text.substr(at + 2, text.find("\r\n", at + 2) - at - 2);
        const std::size_t colon = line.find(": ");
        if (colon == std::string::npos)
            break;
        std::string name = line.substr(0, colon);
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
        request.headers[name] = line.substr(colon + 2);
    }
    return request;
}

void sendAll(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

} // namespace

HubServer::HubServer(Handler handler) : m_handler(std::move(handler)) {
    m_listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof place;
    if (bind(m_listener, reinterpret_cast<sockaddr*>(&place), length) == 0 && listen(m_listener, 8) == 0 &&
        getsockname(m_listener, reinterpret_cast<sockaddr*>(&place), &length) == 0)
        m_port = ntohs(place.sin_port);
    m_thread = std::thread([this] { serve(); });
}

HubServer::~HubServer() {
    shutdown(m_listener, SHUT_RDWR); // accept() returns
    m_thread.join();
    close(m_listener);
}

std::vector<HubRequest> HubServer::requests() const {
    const std::lock_guard lock(m_mutex);
    return m_requests;
}

void HubServer::clear() {
    const std::lock_guard lock(m_mutex);
    m_requests.clear();
}

void HubServer::serve() {
    for (int connection = 0; (connection = accept(m_listener, nullptr, nullptr)) >= 0;) {
        answer(connection);
        close(connection);
    }
}

void HubServer::answer(int connection) {
    std::string text;
    char buffer[4096];
    while (text.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = recv(connection, buffer, sizeof buffer, 0);
        if (got <= 0)
            return;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    const HubRequest request = parse(text);
    {
        const std::lock_guard lock(m_mutex);
        m_requests.push_back(request);
    }
    HubReply reply = m_handler(request);
    reply.headers.try_emplace("Content-Length", std::to_string(reply.body.size()));
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Words\r\nConnection: close\r\n";
    for (const auto& [name, value] : reply.headers)
        head += name + ": " + value + "\r\n";
    sendAll(connection, head + "\r\n");
    if (request.method != "HEAD")
        sendAll(connection, std::string_view(reply.body).substr(0, reply.sent));
}

} // namespace tests
