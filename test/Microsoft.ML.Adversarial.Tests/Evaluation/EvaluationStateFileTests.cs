using System.Text;
using Microsoft.ML.Adversarial.Tests.Attacks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Evaluation;

public sealed class EvaluationStateFileTests : IDisposable
{
    private const int Count = 20, BatchSize = 6;

    private static readonly LinearClassifier Network = LinearClassifier.Of(3, 9, scale: 0.5);

    private static readonly Attack[] Attacks =
    [
        new PgdAttack(Budget.LInf(16)) { Steps = 3 },
        new AttackEnsemble("both", Budget.LInf(16), [new PgdAttack(Budget.LInf(16)) { Steps = 2 }, new SquareAttack(Budget.LInf(16)) { Queries = 10 }]),
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("evaluation-").FullName;

    private string StatePath => Path.Combine(folder, "state.jsonl");

    [Fact]
    public void An_evaluation_cut_off_anywhere_ends_with_the_numbers_of_an_unbroken_one()
    {
        var unbroken = Evaluate(null);
        Evaluate(Setup);
        var whole = File.ReadAllBytes(StatePath);
        var random = new Random(1);
        var lengths = Enumerable.Range(0, 30).Select(_ => random.Next(1, whole.Length)).Append(whole.Length).Append(whole.Length - 1);
        foreach (var length in lengths)
        {
            File.WriteAllBytes(StatePath, whole[..length]);

            AssertSame(unbroken, Evaluate(Setup));

            // The file is what it would have been, but for the times.
            Assert.Equal(Encoding.UTF8.GetString(whole).Split('\n').Length, File.ReadAllText(StatePath).Split('\n').Length);
        }
    }

    [Fact]
    public void What_is_done_is_not_done_again()
    {
        Evaluate(Setup);
        var looks = 0;

        var again = Evaluate(Setup, network: new WatchingClassifier(Network, _ => looks++));

        AssertSame(Evaluate(null), again);
        Assert.Equal(0, looks);
    }

    [Fact]
    public void A_cancelled_evaluation_keeps_what_it_has_and_goes_on()
    {
        using var source = new CancellationTokenSource();
        var looks = 0;
        var watched = new WatchingClassifier(Network, _ =>
        {
            if (++looks == 40)
                source.Cancel();
        });

        Assert.ThrowsAny<OperationCanceledException>(() => Evaluate(Setup, watched, source));
        var lines = File.ReadAllLines(StatePath).Length;

        Assert.InRange(lines, 3, 1 + 4 * 4);
        AssertSame(Evaluate(null), Evaluate(Setup));
        Assert.True(File.ReadAllLines(StatePath).Length > lines);
    }

    [Fact]
    public void Without_a_seed_of_its_own_an_evaluation_takes_the_files()
    {
        var (first, drawn) = EvaluationStateFile.Open(StatePath, Setup with { Seed = null }, () => 17);
        first.Dispose();
        var (second, kept) = EvaluationStateFile.Open(StatePath, Setup with { Seed = null }, () => throw new InvalidOperationException("no new seed is asked for"));
        second.Dispose();

        Assert.Equal((17, 17), (drawn, kept));
    }

    [Fact]
    public void A_file_of_another_evaluation_is_refused_by_what_differs()
    {
        Evaluate(Setup);
        var before = File.ReadAllBytes(StatePath);

        Refused(EvaluationSetup.Of("other", Attacks, BatchSize, 1), "its hash of the network is network there, other here");
        Refused(EvaluationSetup.Of("network", [new PgdAttack(Budget.LInf(16)) { Steps = 4 }, Attacks[1]], BatchSize, 1), "its attack 1, steps is 3 there, 4 here");
        Refused(EvaluationSetup.Of("network", [Attacks[0], (AttackEnsemble)Attacks[1] with { Budget = Budget.LInf(8) }], BatchSize, 1), "its attack 2, budget, grey levels is 16 there, 8 here");
        Refused(EvaluationSetup.Of("network", Attacks, 7, 1), "its batch size is 6 there, 7 here");
        Refused(EvaluationSetup.Of("other", Attacks, 7, 2), "its seed is 1 there, 2 here");
        var exception = Assert.Throws<InvalidDataException>(() => Evaluate(Setup, shift: 0.01));
        Assert.Contains("the batch that begins with row 0 differs", exception.Message, StringComparison.Ordinal);

        Assert.Equal(before, File.ReadAllBytes(StatePath));

        void Refused(EvaluationSetup setup, string said)
        {
            var refusal = Assert.Throws<InvalidDataException>(() => EvaluationStateFile.Open(StatePath, setup, () => 1));
            Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(StatePath, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("some notes of mine\nand more\n")]
    [InlineData("no line end")]
    [InlineData("some notes of mine\nwithout a last line end")]
    [InlineData("{\n  \"format\": \"robustness report\"\n}")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"Format\":\"another\"")]
    [InlineData("{\"Format\":\"another\",\"Network\":\"\",\"Attacks\":[],\"BatchSize\":1}\n")]
    [InlineData("{}\n")]
    [InlineData("[1, 2]\n")]
    public void A_file_that_is_no_state_is_refused_and_left_as_it_was(string text)
    {
        File.WriteAllText(StatePath, text);

        var exception = Assert.Throws<InvalidDataException>(() => EvaluationStateFile.Open(StatePath, Setup, () => 1));

        Assert.Contains(StatePath, exception.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(StatePath));
    }

    [Fact]
    public void No_bit_of_a_file_can_turn_without_a_word()
    {
        var unbroken = Evaluate(Setup);
        var whole = File.ReadAllBytes(StatePath);
        var random = new Random(3);
        var refused = 0;
        for (var flip = 0; flip < 400; flip++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(StatePath, damaged);
            try
            {
                // What lost its line end counts as cut off and is done again.
                AssertSame(unbroken, Evaluate(Setup));
            }
            catch (InvalidDataException exception)
            {
                Assert.Contains(StatePath, exception.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        Assert.InRange(refused, 390, 400);
    }

    [Fact]
    public void Two_evaluations_do_not_share_a_file()
    {
        using var first = EvaluationStateFile.Open(StatePath, Setup, () => 1).File;

        var refused = Assert.Throws<IOException>(() => EvaluationStateFile.Open(StatePath, Setup, () => 1));
        Assert.Contains("no other evaluation that has it open", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static EvaluationSetup Setup { get; } = EvaluationSetup.Of("network", Attacks, BatchSize, 1);

    private EvaluationOutcome Evaluate(EvaluationSetup? setup, IImageClassifier? network = null, CancellationTokenSource? stop = null, double shift = 0)
    {
        using var state = setup is null ? null : EvaluationStateFile.Open(StatePath, setup, () => 1).File;
        return new RobustnessEvaluator(network ?? Network, Attacks, CPU, new Seed(1)) { State = state, Cancellation = stop?.Token ?? CancellationToken.None }.Evaluate(Batches(shift));
    }

    private static IEnumerable<ImageBatch> Batches(double shift)
    {
        for (var first = 0; first < Count; first += BatchSize)
        {
            var last = Math.Min(first + BatchSize, Count);
            var images = TestImages.Uniform(Count, 1, 3, 3).Times(0.9).AddInPlace(shift)[first..last].clone();
            yield return new ImageBatch(images, TestImages.Labels(Count, 3)[first..last].clone(), [.. Enumerable.Range(first, last - first).Select(row => (long)row)]);
        }
    }

    private static void AssertSame(EvaluationOutcome expected, EvaluationOutcome actual)
    {
        Assert.Equal(expected.Labels, actual.Labels);
        Assert.Equal(expected.WorstCase, actual.WorstCase);
        foreach (var (one, other) in expected.Conditions.Zip(actual.Conditions))
        {
            Assert.Equal(one.Correct, other.Correct);
            Assert.Equal(one.Scores.SelectMany(scores => scores), other.Scores.SelectMany(scores => scores));
            Assert.Equal(one.LargestDistance, other.LargestDistance);
            Assert.Equal(one.Members.Select(member => (member.Met, member.Broken)), other.Members.Select(member => (member.Met, member.Broken)));
        }
    }
}
