using System.Text.Json;
using System.Text.Json.Nodes;
using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Reports;
using Samples.PaperStudy.Results;
using Tooling.CommandLine;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.PaperStudy;

public sealed class ResultStoreTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("result-store-").FullName;
    private readonly Cell cell = CellTable.All(MadeUpStudy.Settings).Single(cell => cell.Name == CellName.MixtureBatch);
    private readonly ResultStore store;

    public ResultStoreTests() => store = Store(MadeUpStudy.SettingsOf);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_result_is_read_as_it_was_written()
    {
        var written = MadeUpStudy.Result(cell, 3, condition => condition.Steps / 1000.0);
        store.Write(written);

        var read = store.Find(cell, 3);

        Assert.Equal(ResultLines(written), ResultLines(read!));
        Assert.Null(read!.Settings.DifferenceTo(written.Settings));
        Assert.Null(store.Find(cell, 4));
        Assert.Equal(["mixture-batch-seed3.json"], Directory.GetFiles(Path.Combine(folder, "cells")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_result_with_other_settings_is_refused_and_the_setting_named()
    {
        store.Write(MadeUpStudy.Result(cell, 1, _ => 0.5));
        var other = Store(cell => MadeUpStudy.SettingsOf(cell) with { Epochs = 13 });

        var refused = Assert.Throws<InvalidDataException>(() => other.Find(cell, 1));

        Assert.Contains("mixture-batch-seed1.json", refused.Message, StringComparison.Ordinal);
        Assert.Contains("epochs is 12 there and 13 here", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--output", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_is_compared()
    {
        var settings = MadeUpStudy.SettingsOf(cell);

        foreach (var (name, value) in ResultJson.ToNode(settings))
        {
            var changed = ResultJson.ToNode(settings);
            changed[name] = value!.GetValueKind() switch
            {
                JsonValueKind.String => "something else",
                JsonValueKind.Number => 7,
                JsonValueKind.Array => new JsonArray(),
                _ => !value.GetValue<bool>(),
            };

            var difference = changed.Deserialize<CellSettings>(ResultJson.Format)!.DifferenceTo(settings);

            Assert.StartsWith(name + " is ", difference, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{ \"cell\": \"mixture-batch\", \"seed\": 1 }")]
    public void A_file_that_is_no_result_is_named(string content)
    {
        var path = Path.Combine(folder, "cells", "mixture-batch-seed1.json");
        File.WriteAllText(path, content);

        var refused = Assert.Throws<InvalidDataException>(() => store.Find(cell, 1));

        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tables_take_all_results_that_fit_and_say_what_does_not()
    {
        var cells = CellTable.All(MadeUpStudy.Settings);
        store.Write(MadeUpStudy.Result(cell, 1, _ => 0.5));
        store.Write(MadeUpStudy.Result(cells[0], 7, _ => 0.5));
        store.Write(MadeUpStudy.Result(cells[1], 1, _ => 0.5) with { Settings = MadeUpStudy.SettingsOf(cells[1]) with { Width = 5 } });
        store.Write(MadeUpStudy.Result(cell with { Name = "depth-99" }, 1, _ => 0.5));

        var (results, leftOut) = store.All(cells);

        Assert.Equal([("adversarial", 7), ("mixture-batch", 1)], results.Select(result => (result.Cell, result.Seed)));
        Assert.Collection(
            leftOut,
            reason => Assert.Contains("depth-99-seed1.json", reason, StringComparison.Ordinal),
            reason => Assert.Equal("mixed-100-seed1.json: width is 5 there and 16 here", reason));
    }

    [Fact]
    public async Task A_locked_folder_is_waited_for()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var first = FolderLock.Take(folder, cancellation);
        var second = Task.Run(() => FolderLock.Take(folder, cancellation), cancellation);

        Assert.NotSame(second, await Task.WhenAny(second, Task.Delay(200, cancellation)));
        first.Dispose();
        (await second).Dispose();
    }

    private ResultStore Store(Func<Cell, CellSettings> settingsOf) => new(new OutputFolder(folder), settingsOf);

    private static IEnumerable<string> ResultLines(CellResult result) => CsvTable.Lines([result]);
}
