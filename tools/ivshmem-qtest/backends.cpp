// SPDX-License-Identifier: Apache-2.0
//
// Memory objects and character devices of the command line and of QMP.
#include "backends.h"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

namespace ivshmem::qtest {

namespace {

void refuse_rest(const option_text& option) {
  if (!option.items().empty()) {
    throw user_error("Invalid parameter '" + option.items().front().first + "'");
  }
}

host_channel open_socket(option_text& option, chardev& made) {
  const auto path = option.take("path");
  if (!path) {
    throw user_error("chardev: socket: no path given; only UNIX sockets are supported");
  }
  made.is_server = option.take_switch("server", false);
  const bool wait = option.take_switch("wait", made.is_server);
  option.take("reconnect");  // the connection is made at once, and is not made again
  refuse_rest(option);
  return made.is_server ? host_channel::listen(*path, wait) : host_channel::connect(*path);
}

memory_backing backing_of(const std::string& kind) {
  if (kind == "memory-backend-file") {
    return memory_backing::file;
  }
  return kind == "memory-backend-memfd" ? memory_backing::memfd : memory_backing::anonymous;
}

/// How the host places and fills the memory, which nobody sees [hostmem.c].
void check_placement(option_text& option, const std::string& kind) {
  for (const char* name :
       {"prealloc", "merge", "dump", "reserve", "x-use-canonical-path-for-ramblock-id"}) {
    option.take_switch(name, false);
  }
  if (const auto threads = option.take("prealloc-threads")) {
    const auto number = parse_number(*threads);
    if (!number) {
      throw user_error("Parameter 'prealloc-threads' expects integer");
    }
    if (*number == 0) {
      throw user_error("property 'prealloc-threads' of " + kind + " doesn't take value '0'");
    }
  }
  const bool has_nodes = option.take("host-nodes").has_value();
  const std::string policy = option.take("policy").value_or("default");
  constexpr const char* policies[] = {"default", "preferred", "bind", "interleave"};
  if (std::find(std::begin(policies), std::end(policies), policy) == std::end(policies)) {
    throw user_error("Parameter 'policy' does not accept value '" + policy + "'");
  }
  if (has_nodes && policy == "default") {
    throw user_error(
        "host-nodes must be empty for policy default, or you should explicitly specify a policy "
        "other than default");
  }
  if (!has_nodes && policy != "default") {
    throw user_error("host-nodes must be set for policy " + policy);
  }
}

void open_memory(option_text& option, memory_object& made) {
  const auto size = option.take("size");
  if (!size) {
    throw user_error("Parameter 'size' is missing");
  }
  made.bytes = parse_size("size", *size);
  shared_memory_config wanted;
  wanted.backing = backing_of(made.kind);
  wanted.size_bytes = made.bytes;
  wanted.name = made.id;
  const bool is_file = wanted.backing == memory_backing::file;
  const bool share = option.take_switch("share", !is_file);
  if (is_file) {
    const auto path = option.take("mem-path");
    if (!path) {
      throw user_error("Parameter 'mem-path' is missing");
    }
    wanted.name = *path;
    wanted.is_private = !share;
  }
  check_placement(option, made.kind);
  if (is_file) {
    made.discard = option.take_switch("discard-data", false);
    option.take("align");
    option.take_switch("pmem", false);
    if (option.take_switch("readonly", false)) {
      throw user_error("Parameter 'readonly' = on: read-only memory is not supported: must be off");
    }
  } else if (wanted.backing == memory_backing::memfd) {
    option.take_switch("seal", true);
  }
  refuse_rest(option);
  if (made.bytes == 0) {
    throw user_error("property 'size' of " + made.kind + " doesn't take value '0'");
  }
  // That a device cannot have the memory matters only to a device.
  const auto& memory = made.memory.emplace(shared_memory::create(wanted));
  if (!memory && memory.error().code == host_errc::system_call) {
    throw user_error("can't open backing store for guest RAM: " + to_string(memory.error()));
  }
}

}  // namespace

memory_object::~memory_object() {
  if (discard && memory && *memory && (*memory)->data() != nullptr) {
    // As QEMU does at its end: the file keeps its size and loses its contents.
    ::madvise((*memory)->data(), (*memory)->size_bytes(), MADV_REMOVE);
  }
}

void backends::add_chardev(option_text option) {
  const std::string kind = option.take("backend").value_or("");
  const auto id = take_id(option);
  if (!id) {
    throw user_error("chardev: no id specified");
  }
  if (chardevs_.count(*id) != 0) {
    throw user_error("Duplicate ID '" + *id + "' for chardev");
  }
  chardev made;
  made.id = *id;
  if (kind == "socket") {
    made.channel.emplace(open_socket(option, made));
  } else if (kind == "null") {
    made.is_null = true;
  } else {
    throw user_error("'" + kind + "' is not a valid char driver name: must be socket or null");
  }
  chardevs_.emplace(*id, std::move(made));
}

void backends::add_object(option_text option) {
  memory_object made;
  made.kind = option.take("qom-type").value_or("");
  const auto id = take_id(option);
  constexpr const char* kinds[] = {"memory-backend-ram", "memory-backend-memfd",
                                   "memory-backend-file", "iothread"};
  if (std::find(std::begin(kinds), std::end(kinds), made.kind) == std::end(kinds)) {
    throw user_error("Parameter 'qom-type' does not accept value '" + made.kind + "'");
  }
  if (!id) {
    throw user_error("Parameter 'id' is missing");
  }
  if (objects_.count(*id) != 0) {
    throw user_error("Duplicate ID '" + *id + "' for object");
  }
  made.id = *id;
  if (made.is_memory()) {
    open_memory(option, made);
  }
  objects_.emplace(*id, std::move(made));
}

void backends::remove_chardev(const std::string& id) {
  const chardev* found = find_chardev(id);
  if (found == nullptr) {
    throw user_error("Chardev '" + id + "' not found");
  }
  if (found->in_use) {
    throw user_error("Chardev '" + id + "' is busy");
  }
  chardevs_.erase(id);
}

void backends::remove_object(const std::string& id) {
  const memory_object* found = find_object(id);
  if (found == nullptr) {
    throw user_error("object '" + id + "' not found");
  }
  if (found->in_use) {
    throw user_error("object '" + id + "' is in use, can not be deleted");
  }
  objects_.erase(id);
}

chardev* backends::find_chardev(const std::string& id) {
  const auto found = chardevs_.find(id);
  return found == chardevs_.end() ? nullptr : &found->second;
}

memory_object* backends::find_object(const std::string& id) {
  const auto found = objects_.find(id);
  return found == objects_.end() ? nullptr : &found->second;
}

}  // namespace ivshmem::qtest
