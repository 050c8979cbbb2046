#include "control/api/present.h"
#include "control/api/words.h"

namespace ecmpd::control::api {

Table present_reload(const std::vector<ConfigChangeView>& changes) {
  Table table;
  table.name = "changes";
  table.columns = {{"Changed", "what"}, {"How", "change"}, {"Applied", "applied"}, {"Note", "effect"}};
  for (const ConfigChangeView& change : changes) {
    table.rows.push_back({change.what, change.change, change.applied, some(change.effect)});
  }
  return table;
}

}  // namespace ecmpd::control::api
