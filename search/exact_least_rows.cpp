#include "search/exact_least_rows.hpp"

#include <algorithm>

namespace tessera {

void LeastRows::start(const ExactJob& job, std::span<const std::size_t> group_of) {
  const std::size_t components = job.terms.components().size();
  read_.clear();
  for (std::uint16_t c = 0; c < components; ++c) {
    if (job.terms.read(c)) {
      steps_ = c == job.terms.steps() ? read_.size() : steps_;
      read_.push_back(c);
    }
  }
  for (const std::uint16_t lift : job.lifts) {
    read_.push_back(static_cast<std::uint16_t>(components + lift));
  }
  width_ = (read_.size() + 1) / 2 * 2;
  groups_.resize(job.groups.size());
  rows_.resize(groups_.size());
  roots_.assign(groups_.size() * width_, 1.0);
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    Group& group = groups_[g];
    group.view = job.groups[g]->view;
    group.varying.clear();
    group.constant.clear();
    rows_[g] = roots_.data() + g * width_;
    for (std::size_t i = 0; i < read_.size(); ++i) {
      const TrieView::Column& column = group.view->columns()[read_[i]];
      roots_[g * width_ + i] = column.value;
      if (column.row < 0) {
        group.constant.push_back({.column = i, .value = column.value});
      } else {
        group.varying.push_back({.column = i, .row = column.row});
      }
    }
  }
  depths_.resize(group_of.size() * width_);
  for (std::size_t i = 0; i < group_of.size(); ++i) {
    std::copy_n(rows_[group_of[i]], width_, depths_.data() + i * width_);
  }
  others_.resize(width_);
  batch_.resize(std::max(batch_.size(), components + job.terms.lifts().size()));
}

void LeastRows::choose(std::size_t depth, std::size_t group, std::uint32_t node,
                       std::uint32_t child) {
  double* row = depths_.data() + depth * width_;
  const TrieView::Block block = groups_[group].view->block(node);
  for (const Varying& one : groups_[group].varying) {
    row[one.column] = block.row(one.row)[child];
  }
  rows_[group] = row;
}

void LeastRows::multiply_others(std::size_t group) {
  std::fill(others_.begin(), others_.end(), 1.0);
  double* others = others_.data();
  for (std::size_t g = 0; g < rows_.size(); ++g) {
    const double* row = rows_[g];
    for (std::size_t i = 0; g != group && i < width_; ++i) {
      others[i] *= row[i];
    }
  }
}

void LeastRows::fill_constant(const Group& group, std::size_t pairs) {
  for (const Constant& one : group.constant) {
    std::fill_n(batch_[read_[one.column]].begin(), pairs, Pair{} + others_[one.column] * one.value);
  }
}

void LeastRows::fill(std::size_t group, std::uint32_t node, std::uint32_t first,
                     std::size_t count) {
  const std::size_t pairs = (count + 1) / 2;
  fill_constant(groups_[group], pairs);
  const TrieView::Block block = groups_[group].view->block(node);
  for (const Varying& one : groups_[group].varying) {
    const double* values = block.row(one.row) + first;
    const double others = others_[one.column];
    BatchRow& row = batch_[read_[one.column]];
    for (std::size_t i = 0; i < pairs; ++i) {
      row[i] = Pair{values[2 * i], values[2 * i + 1]} * others;
    }
  }
}

void LeastRows::gather(std::size_t group, std::uint32_t node,
                       std::span<const std::uint32_t> children) {
  fill_constant(groups_[group], (children.size() + 1) / 2);
  const TrieView::Block block = groups_[group].view->block(node);
  for (const Varying& one : groups_[group].varying) {
    const double* values = block.row(one.row);
    const double others = others_[one.column];
    BatchRow& row = batch_[read_[one.column]];
    for (std::size_t i = 0; i < children.size(); ++i) {
      row[i / 2][i % 2] = others * values[children[i]];
    }
  }
}

}  // namespace tessera
