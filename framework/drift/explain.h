// Differences -> their causes. Contents are looked at while they are at hand and then let go; small ones are
// kept for the folding at the end. Safe from several threads. Private to this room.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "framework/causes/recognise.h"
#include "framework/drift/difference.h"
#include "framework/drift/first_bytes.h"

namespace buildlab::drift {

// The size up to which a file's content is looked at whole; of larger ones only the beginning.
inline constexpr std::size_t k_whole_content = 24U << 20U;
inline constexpr std::size_t k_beginning = 1U << 20U;

struct Contents {
  std::string a;
  std::string b;
  bool complete = true;
  std::optional<FirstBytes> beyond = {};  // the first that differ, where they lie beyond `a` and `b`
};

class Explainer {
 public:
  explicit Explainer(const causes::Surroundings& surroundings) : m_surroundings(surroundings) {}

  // Sets the causes of one path's differences in one layer (header, content, presence; `contents` of files
  // whose content differs) and keeps them.
  void take(std::vector<Difference> differences, const Contents* contents = nullptr);
  // The same for an entry that only one image has.
  void take_presence(Difference difference, std::string_view content);

  // Takes back what is more than representation of these paths in a pair of layers: the first of each path.
  std::map<std::string, Difference> forget(std::size_t layer_a, std::size_t layer_b,
                                           const std::function<bool(const std::string& path)>& is_meant);
  // About the comparison as a whole; each text once.
  void note(std::string text);
  std::vector<std::string> notes() const;

  // Files that folding wants from both images.
  std::vector<std::string> wanted() const;
  // Everything taken, with consequences tied to what they follow from.
  std::vector<Difference> finish(const causes::Files& files);

 private:
  std::vector<causes::Known> known() const;
  void fold_copies();

  const causes::Surroundings& m_surroundings;
  mutable std::mutex m_mutex;
  std::vector<Difference> m_differences;
  std::vector<std::pair<std::size_t, std::size_t>> m_groups;    // [first, end) of m_differences: one path
  std::vector<std::pair<std::string, std::string>> m_contents;  // of the group
  std::size_t m_kept_bytes = 0;
  std::set<std::string> m_notes;
};

}  // namespace buildlab::drift
