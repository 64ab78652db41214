// SPDX-License-Identifier: Apache-2.0
//
// A QMP connection: JSON in, JSON out.
#include "qmp_session.h"

#include <chrono>
#include <utility>

namespace ivshmem::qtest {

using json = nlohmann::ordered_json;

namespace {

constexpr std::size_t most_bytes = 65536;

json error_json(const char* error_class, const std::string& text) {
  return {{"error", {{"class", error_class}, {"desc", text}}}};
}

}  // namespace

std::string to_text(const json& value) {
  if (!value.is_structured()) {
    return value.dump(-1, ' ', true, json::error_handler_t::replace);
  }
  std::string text;
  for (const auto& [key, item] : value.items()) {
    text += text.empty() ? "" : ", ";
    text += value.is_object() ? json(key).dump(-1, ' ', true, json::error_handler_t::replace) +
                                    ": " + to_text(item)
                              : to_text(item);
  }
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

qmp_session::qmp_session(host_channel channel, machine_state& machine)
    : channel_(std::move(channel)), machine_(machine) {
  greet();
}

void qmp_session::greet() {
  negotiated_ = false;
  input_.clear();
  if (channel_.is_connected()) {
    send({{"QMP",
           {{"version", version_json(machine_.options.qemu)}, {"capabilities", json::array()}}}});
  }
}

void qmp_session::receive() {
  if (!channel_.is_connected()) {
    if (channel_.accept()) {
      greet();
    }
    return;
  }
  input_.add(channel_.read(most_bytes));
  while (machine_.quit_reason == nullptr) {
    std::string text;
    try {
      text = input_.next();
    } catch (const user_error& error) {
      send(error_json(error.error_class, error.what()));
      continue;
    }
    if (text.empty()) {
      break;
    }
    handle(text);
  }
}

void qmp_session::handle(std::string_view text) {
  const json request = json::parse(text, nullptr, false);
  json reply;
  json arguments = json::object();
  std::string name;
  if (request.is_object()) {
    arguments = request.value("arguments", arguments);
    const auto execute = request.find(request.contains("exec-oob") ? "exec-oob" : "execute");
    name = execute != request.end() && execute->is_string() ? execute->get<std::string>() : "";
  }
  if (name.empty() || !arguments.is_object()) {
    reply = error_json("GenericError", "Invalid JSON syntax");
  } else if (name == "qmp_capabilities" && !negotiated_) {
    negotiated_ = true;
    reply = {{"return", json::object()}};
  } else if (!negotiated_) {
    reply =
        error_json("CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'");
  } else {
    try {
      reply = {{"return", execute(machine_, name, arguments)}};
    } catch (const user_error& error) {
      reply = error_json(error.error_class, error.what());
    } catch (const json::exception& error) {
      reply = error_json("GenericError", "Invalid parameter type: " + std::string(error.what()));
    }
  }
  if (request.is_object() && request.contains("id")) {
    reply["id"] = request["id"];
  }
  send(reply);
}

void qmp_session::event(const std::string& name, const json& data) {
  if (!negotiated_ || !channel_.is_connected()) {
    return;
  }
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  json message = {{"timestamp", {{"seconds", now / 1'000'000}, {"microseconds", now % 1'000'000}}},
                  {"event", name}};
  if (!data.empty()) {
    message["data"] = data;
  }
  send(message);
}

void qmp_session::send(const json& message) { channel_.write(to_text(message) + "\r\n"); }

}  // namespace ivshmem::qtest
