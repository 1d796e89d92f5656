#include "search/search_state.hpp"

namespace tessera {

std::string step_key(std::string_view kind, const SearchOptions& options) {
  std::string key(kind);
  key += options.factors == Factors::perfect ? " perfect" : " imperfect";
  for (const Objective& objective : options.objectives) {
    key += " ";
    key += to_string(objective);
  }
  key += " limits " + std::to_string(options.limits.size());
  return key + " samples " + std::to_string(options.samples);
}

Checkpoint::Checkpoint(const SearchControl& control, std::string key)
    : control_(control), key_(std::move(key)) {
  if (control.state == nullptr || control.state->begun_ != control.state->finished_) {
    return;
  }
  SearchState& state = *control.state;
  step_ = state.begun_++;
  if (auto saved = state.load(step_)) {
    StateReader reader(std::move(saved->bytes));
    std::string found;
    reader.get(found);
    if (found != key_) {
      return;  // begun and never finished: nothing is saved from here on
    }
    finished_ = saved->finished;
    reader_.emplace(std::move(reader));
  }
  state_ = &state;
}

std::optional<SearchResult> Checkpoint::result() {
  if (!reader_ || !finished_) {
    return std::nullopt;
  }
  SearchResult result;
  reader_->get(result);
  reader_->finish();
  ++state_->finished_;
  return result;
}

void Checkpoint::finish(const SearchResult& result) {
  if (state_ != nullptr && !result.stopped) {
    StateWriter writer;
    writer.put(std::string_view(key_));
    writer.put(result);
    state_->save(step_, {writer.take(), true});
    ++state_->finished_;
  }
}

}  // namespace tessera
