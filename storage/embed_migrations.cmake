# Writes OUTPUT, a C++ file that holds the text of every FOLDER/NNNN_name.sql, in order.
file(GLOB files LIST_DIRECTORIES false ${FOLDER}/*.sql)
list(SORT files)

set(expected 1)
set(rows "")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+[.]sql$")
    message(FATAL_ERROR "${name}: a migration is named NNNN_words.sql")
  endif()
  string(REGEX REPLACE "^0+" "" version ${CMAKE_MATCH_1})
  if(NOT version EQUAL expected)
    message(FATAL_ERROR "${name}: the next migration is number ${expected}")
  endif()
  math(EXPR expected "${expected} + 1")
  file(READ ${file} text)
  string(APPEND rows "    {${version}, \"${name}\", R\"migration(${text})migration\"},\n")
endforeach()

file(WRITE ${OUTPUT}.new "#include \"storage/migrator.h\"

namespace snapledger::storage {
namespace {

constexpr Migration kMigrations[] = {
${rows}};

}  // namespace

absl::Span<const Migration> EmbeddedMigrations() { return kMigrations; }

}  // namespace snapledger::storage
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
