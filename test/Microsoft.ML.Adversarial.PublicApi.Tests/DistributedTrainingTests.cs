using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>Processes that Open MPI's mpirun starts, and that fail or are really killed. ADVERSARIAL_KILLS sets how often.</summary>
public sealed class DistributedTrainingTests : IDisposable
{
    private const string Program = "test/DistributedTraining", Nobody = "-1", Seed = "5";

    private readonly string folder = Directory.CreateTempSubdirectory("distributed-").FullName;

    private static int Kills { get; } = Math.Max(1, int.Parse(Environment.GetEnvironmentVariable("ADVERSARIAL_KILLS") ?? "3", CultureInfo.InvariantCulture) / 2);

    [Fact]
    public void Every_rank_has_the_same_model_of_a_run_of_which_nobody_stated_the_seed_and_only_the_first_writes_checkpoints()
    {
        var (exitCode, output, errors) = Run(ranks: 3, folder, Nobody);

        Assert.True(exitCode == 0, output + errors);
        Assert.Equal(Model(folder, 0), Model(folder, 1));
        Assert.Equal(Model(folder, 0), Model(folder, 2));
        Assert.Contains("rank 2 of 3, Open MPI: done", output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_one_rank_throws_ends_all_with_its_message_and_rank_and_the_run_goes_on_with_another_number_of_ranks()
    {
        var clock = Stopwatch.StartNew();
        var (exitCode, output, errors) = Run(ranks: 2, folder, "1");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Rank 1 of 2 ends the job: InvalidDataException: This rank's disk is full.", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("done", output, StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"the other rank waited for {clock.Elapsed}");

        (exitCode, output, errors) = Run(ranks: 1, folder, Nobody);
        Assert.True(exitCode == 0, output + errors);
    }

    [Fact]
    public void A_rank_killed_at_a_random_moment_ends_the_job_and_the_run_goes_on_to_the_weights_of_an_undisturbed_one()
    {
        var (undisturbed, killed) = (Made("undisturbed"), Made("killed"));
        var (exitCode, output, errors) = Run(ranks: 2, undisturbed, Nobody, Seed);
        Assert.True(exitCode == 0, output + errors);

        var random = new Random(1);
        var kills = 0;
        for (var attempt = 0; kills < Kills && attempt < 10 * Kills; attempt++)
            kills += StartAndKill(killed, rank: attempt % 2, TimeSpan.FromSeconds(random.NextDouble() * 2)) ? 1 : 0;
        Assert.Equal(Kills, kills);

        (exitCode, output, errors) = Run(ranks: 2, killed, Nobody, Seed);
        Assert.True(exitCode == 0, output + errors);
        Assert.Equal(Model(undisturbed, 0), Model(killed, 0));
        Assert.Equal(Model(killed, 0), Model(killed, 1));
    }

    [Fact]
    public void The_tool_trains_and_evaluates_on_two_ranks_and_speaks_once()
    {
        const string Tool = "src/Microsoft.ML.Adversarial.Tool";
        var trained = RunningProgram.Run(Launch(Tool, ranks: 2, "train", "--distributed", "--limit", "4", "--test-limit", "10", "--epochs", "1", "--batch-size", "10", "--steps", "1", "--eval-steps", "1", "--output", folder));
        Assert.True(trained.ExitCode == 0, trained.Output + trained.Errors);
        Assert.Single(Lines(trained.Output), line => line.StartsWith("wrote ", StringComparison.Ordinal) && line.EndsWith("model.zip", StringComparison.Ordinal));

        string[] evaluate = ["evaluate", "--model", Path.Combine(folder, "model.zip"), "--attack", "pgd", "--epsilon", "1", "--limit", "20", "--json", "--output"];
        var together = RunningProgram.Run(Launch(Tool, ranks: 2, [.. evaluate, Made("two"), "--distributed"]));
        var alone = RunningProgram.Run(Tool, [.. evaluate, Made("one")]);
        Assert.True(together.ExitCode == 0, together.Output + together.Errors);
        Assert.Equal(Robust(alone.Output), Robust(together.Output));
    }

    [Fact]
    public void The_tool_searches_the_depth_on_two_ranks_and_speaks_once()
    {
        var (exitCode, output, errors) = RunningProgram.Run(Launch(
            "src/Microsoft.ML.Adversarial.Tool", ranks: 2, "depth", "--distributed", "--limit", "4", "--minutes", "5", "--depths", "8,14", "--width", "4", "--epochs", "1", "--steps", "1", "--eval-steps", "1", "--output", folder));

        Assert.True(exitCode == 0, output + errors);
        Assert.Single(Lines(output), line => line.StartsWith("wrote ", StringComparison.Ordinal) && line.EndsWith("model.zip", StringComparison.Ordinal));
        foreach (var network in (string[])["ResNet-8", "ResNet-14", "plain ResNet-8", "plain ResNet-14"])
            Assert.Single(Lines(output), line => line.Contains($"{network} ", StringComparison.Ordinal) && line.Contains("completed after 1 epochs", StringComparison.Ordinal) && line.Contains("plain", StringComparison.Ordinal) == network.StartsWith("plain", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Robust(string json) => System.Text.Json.JsonDocument.Parse(json[json.IndexOf('{', StringComparison.Ordinal)..]).RootElement.GetProperty("evaluation").GetProperty("attacks")[0].GetProperty("accuracy").GetRawText();

    private string Made(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

    private static byte[] Model(string output, int rank) => File.ReadAllBytes(Path.Combine(output, $"model-{rank}.onnx"));

    private static (int ExitCode, string Output, string Errors) Run(int ranks, params string[] arguments) => RunningProgram.Run(Launch(Program, ranks, arguments));

    /// <returns>Whether both ranks were still at work when one was killed.</returns>
    private static bool StartAndKill(string output, int rank, TimeSpan time)
    {
        var announced = Path.Combine(output, $"rank-{rank}.pid");
        File.Delete(announced);
        using var job = Process.Start(Launch(Program, ranks: 2, output, Nobody, Seed))!;
        var text = job.StandardOutput.ReadToEndAsync();
        var errors = job.StandardError.ReadToEndAsync();
        while (!job.HasExited && !(File.Exists(announced) && File.ReadAllText(announced).Length > 0))
            Thread.Sleep(20);
        if (job.WaitForExit(time))
            return false;
        Process.GetProcessById(int.Parse(File.ReadAllText(announced), CultureInfo.InvariantCulture)).Kill();
        Assert.True(job.WaitForExit(TimeSpan.FromMinutes(1)), "the job goes on without one of its ranks");
        Assert.NotEqual(0, job.ExitCode);
        // After the last update the ranks need each other no more: where one is done already, the kill came too late to count.
        return !(text.Result + errors.Result).Contains("done", StringComparison.Ordinal);
    }

    private static ProcessStartInfo Launch(string program, int ranks, params string[] arguments)
    {
        string[] all = ["-np", $"{ranks}", "--oversubscribe", "dotnet", Path.Combine(RunningProgram.FolderOf(program), Path.GetFileName(program) + ".dll"), .. arguments];
        return new ProcessStartInfo("mpirun", all)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = RunningProgram.Root,
            Environment = { ["OMPI_ALLOW_RUN_AS_ROOT"] = "1", ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1" },
        };
    }
}
