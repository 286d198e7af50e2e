namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>One explorer with the small networks, for all tests that need no options of their own.</summary>
public sealed class SharedExplorer : IAsyncLifetime
{
    public const string Name = "Explorer";

    private RunningExplorer? explorer;

    public ExplorerModels Models { get; } = new();

    internal RunningExplorer Explorer => explorer!;

    public async ValueTask InitializeAsync() => explorer = await RunningExplorer.StartAsync(Models);

    public ValueTask DisposeAsync()
    {
        explorer?.Dispose();
        Models.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Its tests run one after another.</summary>
[CollectionDefinition(SharedExplorer.Name)]
public sealed class ExplorerTestGroup : ICollectionFixture<SharedExplorer>;
