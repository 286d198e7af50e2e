
namespace Microsoft.ML.Adversarial.Tests.Data;

public class PrefetchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void All_items_come_in_order(int ahead) =>
        Assert.Equal(Enumerable.Range(0, 500), Enumerable.Range(0, 500).Ahead(ahead));

    [Fact]
    public void The_result_can_be_enumerated_again()
    {
        var items = Enumerable.Range(0, 5).Ahead(2);

        Assert.Equal(items, items);
    }

    [Fact]
    public void An_exception_surfaces_where_it_happened()
    {
        var seen = new List<int>();

        var exception = Assert.Throws<InvalidDataException>(() => seen.AddRange(Failing().Ahead(2).Select(item => { seen.Add(item); return item; }).ToArray()));

        Assert.Equal("row 3", exception.Message);
        Assert.Equal([0, 1, 2], seen);

        static IEnumerable<int> Failing()
        {
            for (var i = 0; i < 3; i++)
                yield return i;
            throw new InvalidDataException("row 3");
        }
    }

    [Fact]
    public async Task Leaving_early_stops_the_producer_and_does_not_hang()
    {
        var closed = false;
        var leaving = Task.Run(
            () =>
            {
                foreach (var item in Endless().Ahead(2))
                    if (item == 5)
                        break;
                // The source has been left before the loop is.
                Assert.True(closed);
            },
            TestContext.Current.CancellationToken);

        await leaving.WaitAsync(Patience, TestContext.Current.CancellationToken);

        IEnumerable<int> Endless()
        {
            try
            {
                for (var i = 0; ; i++)
                    yield return i;
            }
            finally
            {
                closed = true;
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_producer_is_never_more_than_what_may_wait_and_one_in_hand_ahead(int ahead)
    {
        var produced = 0;
        var taken = 0;
        foreach (var item in Counted().Ahead(ahead))
        {
            taken++;
            Assert.Equal(taken - 1, item);
            if (taken > 5)
                break;
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref produced) >= taken + ahead + 1, Patience), "the producer reads ahead");
            Thread.Sleep(20);
            Assert.Equal(taken + ahead + 1, Volatile.Read(ref produced));
        }

        IEnumerable<int> Counted()
        {
            for (var i = 0; i < 1000; i++)
            {
                Interlocked.Increment(ref produced);
                yield return i;
            }
        }
    }

    [Fact]
    public void The_source_is_read_on_a_thread_of_its_own_and_not_before_it_is_asked_for()
    {
        var thread = -1;
        var items = Source().Ahead(1);
        Assert.Equal(-1, thread);

        Assert.Single(items);
        Assert.NotEqual(-1, thread);
        Assert.NotEqual(Environment.CurrentManagedThreadId, thread);

        IEnumerable<int> Source()
        {
            thread = Environment.CurrentManagedThreadId;
            yield return 1;
        }
    }
}
