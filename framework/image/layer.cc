#include "framework/image/layer.h"

#include <fmt/format.h>

namespace buildlab::image {
namespace {

class Hashed : public ByteSource {
 public:
  Hashed(Source source, Digest expected, std::string what)
      : m_source(std::move(source)), m_expected(std::move(expected)), m_what(std::move(what)) {}

  Result<std::string_view> next() override {
    if (m_ended) return std::string_view();
    BUILDLAB_ASSIGN(const std::string_view got, m_source->next());
    BUILDLAB_TRY(take(got));
    return got;
  }

  Result<std::size_t> fill(std::span<char> room) override {
    if (m_ended) return std::size_t{0};
    BUILDLAB_ASSIGN(const std::size_t got, m_source->fill(room));
    BUILDLAB_TRY(take({room.data(), got}));
    return got;
  }

 private:
  Status take(std::string_view got) {
    if (!got.empty()) {
      m_sum.add(got);
      return {};
    }
    m_ended = true;
    const Digest actual = m_sum.finish();
    if (actual == m_expected) return {};
    return fail(ErrorKind::infrastructure,
                fmt::format("{} is {}, but {} was declared", m_what, actual.text(), m_expected.text()),
                {"the image is damaged or was tampered with; build or copy it anew"});
  }

  Source m_source;
  Digest m_expected;
  std::string m_what;
  Sha256 m_sum;
  bool m_ended = false;
};

// An unpacker may stop at its stream's own end; what stands behind belongs to the blob's digest all the same.
class ReadToEnd : public ByteSource {
 public:
  ReadToEnd(Source unpacked, ByteSource& packed) : m_unpacked(std::move(unpacked)), m_packed(packed) {}

  Result<std::string_view> next() override {
    BUILDLAB_ASSIGN(const std::string_view got, m_unpacked->next());
    if (got.empty()) BUILDLAB_TRY(read_packed());
    return got;
  }

  Result<std::size_t> fill(std::span<char> room) override {
    BUILDLAB_ASSIGN(const std::size_t got, m_unpacked->fill(room));
    if (got == 0) BUILDLAB_TRY(read_packed());
    return got;
  }

 private:
  Status read_packed() {
    while (true) {
      BUILDLAB_ASSIGN(const std::string_view rest, m_packed.next());
      if (rest.empty()) return {};
    }
  }

  Source m_unpacked;
  ByteSource& m_packed;  // owned by m_unpacked
};

}  // namespace

Source verified_layer(Source packed, const LayerClaim& claim) {
  auto blob = std::make_unique<Hashed>(std::move(packed), claim.digest, claim.name + ": its blob's digest");
  ByteSource& blob_end = *blob;
  Source tar = std::make_unique<ReadToEnd>(unpack(std::move(blob), claim.name, claim.limit), blob_end);
  return std::make_unique<Hashed>(std::move(tar), claim.diff_id, claim.name + ": its tar's digest (DiffID)");
}

}  // namespace buildlab::image
