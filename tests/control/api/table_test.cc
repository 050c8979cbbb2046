#include "control/api/table.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "control/api/json_number.h"
#include "control/api/table_csv.h"

namespace ecmpd::control::api {
namespace {

Table list(std::vector<Row> rows) {
  Table table;
  table.name = "things";
  table.columns = {{"Name", "name"},
                   {"Count", "count", Align::kRight},
                   {"", "hidden"},
                   {"Text", ""},
                   {"", "parts", Align::kLeft, {{"Part", "part"}, {"Up", "up"}}}};
  table.rows = std::move(rows);
  return table;
}

const std::vector<Row> kRows = {
    {"a", 5u, true, "x", std::vector<Row>{{"p1", true}, {"part 2", false}}},
    {"long name", 12345u, Cell(), "", std::vector<Row>{}},
};

TEST(Table, AlignsAndPutsNestedRowsBeside) {
  EXPECT_EQ(to_text(list(kRows)),
            "Name       Count  Text  Part    Up\n"
            "a              5  x     p1      yes\n"
            "                        part 2  no\n"
            "long name  12345  -\n");
}

TEST(Table, EmptyListHasAHeader) {
  EXPECT_EQ(to_text(list({})), "Name  Count  Text  Part  Up\n");
  EXPECT_EQ(to_json(list({})), "{\"things\":[]}\n");
}

TEST(Table, JsonKeepsTypesAndOrder) {
  EXPECT_EQ(to_json(list(kRows)),
            "{\"things\":[{\"name\":\"a\",\"count\":5,\"hidden\":true,"
            "\"parts\":[{\"part\":\"p1\",\"up\":true},{\"part\":\"part 2\",\"up\":false}]},"
            "{\"name\":\"long name\",\"count\":12345,\"hidden\":null,\"parts\":[]}]}\n");
}

TEST(Table, LargestNumberIsExact) {
  Table table;
  table.shape = Table::Shape::kRecord;
  table.columns = {{"N", "n"}};
  table.rows = {{UINT64_MAX}};
  EXPECT_EQ(to_json(table), "{\"n\":18446744073709551615}\n");
  EXPECT_EQ(to_text(table), "N:  18446744073709551615\n");
}

TEST(Table, RecordWithPathsListsAndAKeyedObject) {
  Table table;
  table.shape = Table::Shape::kRecord;
  table.name = "who";
  table.title = "A title";
  table.columns = {{"First", "a/b"},
                   {"The second", "a/c"},
                   {"Nothing", "none"},
                   {"Some", "list"},
                   {"", "by", Align::kLeft, {{"Id", "id"}, {"N", "n", Align::kRight}}, "id"}};
  table.rows = {{Real{0.25, 1, true}, Real{2.5, 2}, Cell(), std::vector<std::string>{"x", "y"},
                 std::vector<Row>{{"k1", 1u}, {"k2", 10u}}}};
  EXPECT_EQ(to_text(table),
            "A title\n"
            "First:       25.0 %\n"
            "The second:  2.50\n"
            "Some:        x, y\n"
            "\n"
            "Id   N\n"
            "k1   1\n"
            "k2  10\n");
  EXPECT_EQ(to_json(table),
            "{\"who\":{\"a\":{\"b\":0.25,\"c\":2.5},\"none\":null,\"list\":[\"x\",\"y\"],"
            "\"by\":{\"k1\":{\"n\":1},\"k2\":{\"n\":10}}}}\n");
}

TEST(Table, BytesThatAreNotTextAreStillJson) {
  Table table;
  table.shape = Table::Shape::kRecord;
  table.columns = {{"T", "t"}};
  table.rows = {{"bad \xff \"quoted\"\n"}};
  EXPECT_EQ(to_json(table), "{\"t\":\"bad \xef\xbf\xbd \\\"quoted\\\"\\n\"}\n");
}

TEST(PagedList, PagesMakeTheWhole) {
  const Table whole = list({kRows[1], kRows[0]});  // the widest row first, so that the widths agree
  const auto paged = [&](bool json) {
    PagedList pages(json);
    std::string text = pages.page(list({kRows[1]}));
    text += pages.page(list({kRows[0]}));
    text += pages.page(list({}));
    return text + pages.end();
  };
  EXPECT_EQ(paged(true), to_json(whole));
  EXPECT_EQ(paged(false),
            "Name       Count  Text  Part  Up\n"
            "long name  12345  -\n"
            "a              5  x     p1    yes\n"
            "                        part 2  no\n");
  PagedList none(true);
  const std::string text = none.page(list({}));
  EXPECT_EQ(text + none.end(), to_json(list({})));
}

TEST(Table, CsvHasALineForEachNestedRow) {
  EXPECT_EQ(to_csv(list(kRows)),
            "name,count,hidden,parts/part,parts/up\n"
            "a,5,true,p1,true\n"
            "a,5,true,part 2,false\n"
            "long name,12345,,,\n");
  EXPECT_EQ(to_csv(list({})), "name,count,hidden,parts/part,parts/up\n");
}

TEST(Table, CsvQuotesWhatWouldSplit) {
  Table table;
  table.shape = Table::Shape::kRecord;
  table.columns = {{"A", "a"}, {"B", "b"}, {"C", "c"}, {"D", "d"}};
  table.rows = {{"x,y", "say \"so\"", Real{0.25, 2, true}, std::vector<std::string>{"p", "q"}}};
  EXPECT_EQ(to_csv(table), "a,b,c,d\n\"x,y\",\"say \"\"so\"\"\",0.25,p q\n");
}

TEST(JsonNumber, IsTheShortestThatMeansTheNumber) {
  for (const char* text : {"0.0", "1.0", "-2.5", "0.25", "0.999334", "0.1", "123456.0", "1e-05", "1.5e-07", "1e+22"}) {
    EXPECT_EQ(json_number(std::strtod(text, nullptr)), text);
  }
  for (uint32_t i = 0; i < 1'000'000; ++i) {  // six digits, as the laboratory rounds to
    const std::string text = fmt::format("0.{:06}", i);
    const std::string shortest = json_number(std::strtod(text.c_str(), nullptr));
    ASSERT_LE(shortest.size(), text.size());
    ASSERT_EQ(std::strtod(shortest.c_str(), nullptr), std::strtod(text.c_str(), nullptr));
  }
  EXPECT_EQ(json_number(std::nan("")), "null");
}

TEST(JsonNumber, StandsInAnswers) {
  Table table;
  table.shape = Table::Shape::kRecord;
  table.columns = {{"A", "a/b"}, {"C", "c"}, {"D", "d", Align::kLeft, {{"E", "e"}}}};
  table.rows = {{Real{0.999334, 2}, "\"\xff", std::vector<Row>{{Real{2}}, {Cell()}}}};
  EXPECT_EQ(to_json(table), "{\"a\":{\"b\":0.999334},\"c\":\"\\\"\xef\xbf\xbd\",\"d\":[{\"e\":2.0},{\"e\":null}]}\n");
}

}  // namespace
}  // namespace ecmpd::control::api
