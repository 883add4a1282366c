#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dns/address.h"
#include "expression/checker.h"
#include "expression/literal.h"
#include "net/network_set.h"
#include "net/subnet.h"

namespace fairlead::expression {
namespace {

bool is_text(const Node& node) {
  return node.op == Op::Constant && node.type.kind == Kind::String;
}

bool tells_address(const Node& node) {
  return node.op == Op::Call && node.function && node.function->address != nullptr;
}

class Optimizer {
 public:
  void run(Node& node) {
    if (node.op == Op::In) in(node);
    for (Node& child : node.children) run(child);
    if (node.op == Op::Call) incidr(node);
    if (node.op == Op::Equal || node.op == Op::NotEqual) equal(node);
    if (node.op == Op::Or) join(node);
    if (node.op == Op::List) list(node);
    if (node.op == Op::Constant && node.type.kind == Kind::String)
      node.value.is = std::string_view(node.text);
  }

  std::vector<std::string> warnings;

 private:
  using Networks = std::vector<net::Subnet>;

  bool read_network(const std::string& text, Networks& all) {
    net::Subnet network;
    if (!net::parse_subnet(text, network)) {
      warnings.push_back(quoted(text) + " is no network in incidr(): it is never true");
      return false;
    }
    all.push_back(std::move(network));
    return true;
  }

  bool read_address(const std::string& text, const std::string& function, Networks& all) {
    const auto address = dns::IpAddress::from_text(text);
    if (!address) {
      warnings.push_back(quoted(text) + " is no address: " + function + "() never equals it");
      return false;
    }
    const auto octets = address->octets();
    all.push_back({{octets.begin(), octets.end()}, static_cast<int>(octets.size() * 8)});
    return true;
  }

  static void make_inside(Node& node, const Node& call, Networks subnets) {
    node.op = Op::Inside;
    node.function = std::shared_ptr(call.function);  // before the call goes
    node.networks = std::make_shared<const net::NetworkSet>(subnets);
    node.subnets = std::move(subnets);
    node.children.clear();
    node.depth = 1;
  }

  void incidr(Node& node) {
    if (!node.function || !node.function->is_incidr || !is_text(node.children[1])) return;
    Networks networks;
    const bool good = read_network(node.children[1].text, networks);
    if (!good || !tells_address(node.children[0])) return;
    make_inside(node, node.children[0], std::move(networks));
  }

  // Addresses are equal however they are written.
  void equal(Node& node) {
    const bool turned = is_text(node.children[0]);
    const Node& call = node.children[turned ? 1 : 0];
    const Node& constant = node.children[turned ? 0 : 1];
    if (!tells_address(call) || !is_text(constant)) return;
    Networks networks;
    (void)read_address(constant.text, call.text, networks);
    if (node.op == Op::Equal) return make_inside(node, call, std::move(networks));
    Node inner;
    inner.at = node.at;
    make_inside(inner, call, std::move(networks));
    node.op = Op::Not;
    node.children.clear();
    node.children.push_back(std::move(inner));
  }

  void in(Node& node) {
    const Node& call = node.children[0];
    const Node& list = node.children[1];
    const bool texts = list.op == Op::List && std::ranges::all_of(list.children, is_text);
    if (!tells_address(call) || !texts) return;
    Networks networks;
    for (const Node& constant : list.children)
      (void)read_address(constant.text, call.text, networks);
    make_inside(node, call, std::move(networks));
  }

  // Neighbours about the same address become one search. The children that stay keep their order.
  void join(Node& node) {
    std::vector<Node> kept;
    for (size_t i = 0; i < node.children.size();) {
      const size_t first = i;
      Networks all;
      while (i < node.children.size() && node.children[i].op == Op::Inside &&
             node.children[i].function == node.children[first].function)
        std::ranges::move(node.children[i++].subnets, std::back_inserter(all));
      if (i - first > 1)
        node.children[first].networks = std::make_shared<const net::NetworkSet>(all);
      kept.push_back(std::move(node.children[first]));
      i = std::max(i, first + 1);
    }
    node.children = std::move(kept);
  }

  // Texts are views of nodes that stay where they are.
  static void list(Node& node) {
    const bool constant = std::ranges::all_of(
        node.children, [](const Node& child) { return child.op == Op::Constant; });
    if (!constant) return;
    for (const Node& child : node.children) node.elements.push_back(child.value);
    node.value.is = List{node.elements.data(), node.elements.size()};
    node.op = Op::Constant;
  }
};

}  // namespace

std::vector<std::string> optimize(Node& root) {
  Optimizer optimizer;
  optimizer.run(root);
  return std::move(optimizer.warnings);
}

}  // namespace fairlead::expression
