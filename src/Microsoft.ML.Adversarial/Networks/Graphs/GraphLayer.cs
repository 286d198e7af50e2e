using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// An imported graph in training: its weights are parameters under the file's names, its batch normalisations layers of the kind that the options choose, with the file's statistics in
/// every domain. It starts as the file has it.
/// </summary>
internal sealed class GraphLayer : NetworkLayer
{
    private readonly ImportedGraph graph;
    private readonly GraphPlan plan;
    private readonly Tensor?[] constants;
    private readonly Dictionary<int, Parameter> parameters;
    private readonly List<(GraphNormalizations.Site Site, NormalizationLayer Layer)> normalizations = [];

    /// <param name="graph">Not changed; must live as long as this.</param>
    /// <param name="normalization">What batch normalisations become. Where it tells domains apart and the graph has none, every convolution gets one behind it, which starts as the identity.</param>
    /// <param name="device">Where the weights are to be.</param>
    /// <exception cref="ArgumentException">The normalisation is no batch normalisation.</exception>
    public GraphLayer(ImportedGraph graph, Normalization normalization, Device device)
    {
        this.graph = graph;
        var source = new GraphNormalizations(graph);
        plan = source.Replace(site =>
        {
            var layer = normalization.CreateBatchLayer((int)graph.Shapes[site.Output]![1], device, site.Epsilon);
            normalizations.Add((site, layer));
            return layer;
        }, addsBehindConvolutions: normalization.SeparatesDomains);
        var used = plan.Steps.SelectMany(step => step.Inputs).ToHashSet();
        var learned = graph.Learned.Where(used.Contains).ToHashSet();
        constants = new Tensor?[plan.Places];
        parameters = learned.ToDictionary(place => place, place => (Parameter)new CountedParameter(empty(graph.Constants[place]!.shape, device: device)));
        foreach (var place in used.Where(place => place != GraphStep.None && place < graph.Constants.Length && graph.Constants[place] is not null))
            constants[place] = parameters.TryGetValue(place, out var parameter) ? parameter : Fixed(place, device);
    }

    public override bool NamesItself => true;

    public override long MultiplyAdds => graph.MultiplyAdds;

    public override void Register(Module owner)
    {
        foreach (var (place, parameter) in parameters)
        {
            var name = graph.Names[place];
            var end = name.LastIndexOf('.');
            NameModule.Get(owner, name[..Math.Max(end, 0)]).register_parameter(name[(end + 1)..], parameter);
        }
        foreach (var (site, layer) in normalizations)
            layer.Register(NameModule.Get(owner, site.Name));
        for (var place = 0; place < constants.Length; place++)
            if (constants[place] is { } constant && !parameters.ContainsKey(place))
                owner.register_buffer($"constant_{place}", constant, persistent: false);
    }

    /// <summary>Draws nothing: the file has the weights.</summary>
    public override void Initialize(Generator generator)
    {
        foreach (var (place, parameter) in parameters)
            Transfer.Into(parameter, graph.Constants[place]!);
        using var scope = NewDisposeScope();
        foreach (var (site, layer) in normalizations)
        {
            if (site.Step is { } step)
            {
                var numbers = step.Inputs.Skip(1).Select(place => graph.Constants[place]!).ToArray();
                layer.Take(numbers[0], numbers[1], numbers[2], numbers[3]);
                continue;
            }
            // The identity: a deviation of one, by what is added to the variance.
            var (one, zero) = (ones(1), zeros(1));
            layer.Take(one, zero, zero, one.Plus(-site.Epsilon));
        }
    }

    public override void CountBatchesAnew()
    {
        foreach (var (_, layer) in normalizations)
            layer.CountBatchesAnew();
    }

    public override Activations Forward(Activations activations, Phase phase)
    {
        var numbers = Rounded(phase.Precision.Type());
        if (graph.Batch != GraphBatch.OneByOne || activations.Values.shape[0] == 1)
            return plan.Run(activations, numbers, phase).In(float32);
        return Activations.Made(cat(activations.Values.split(1).Select(image => plan.Run(Activations.Given(image), numbers, phase).In(float32).Values).ToArray()));
    }

    public override FrozenLayer Freeze(Phase phase)
    {
        var kernels = plan.KernelPlaces;
        var steps = plan.Steps.Select(step => step.Operation is TrainedOperation trained ? step with { Operation = new LayerOperation(trained.Layer.Freeze(phase)) } : step).ToList();
        return GraphLowering.Lower(
            new GraphPlan(steps, plan.Places, plan.Input, plan.Output),
            [.. constants.Select((constant, place) => constant is null ? null : kernels.Contains(place) ? FrozenTensor.Image(constant) : FrozenTensor.Plain(constant))],
            graph.Batch);
    }

    /// <summary>The weights that are kept are float32: the gradient of kernels passes through the rounding.</summary>
    private Tensor?[] Rounded(ScalarType type)
    {
        if (type == float32)
            return constants;
        var kernels = plan.KernelPlaces;
        return [.. constants.Select((constant, place) => constant is not null && kernels.Contains(place) ? constant.to(type) : constant)];
    }

    /// <summary>Where numbers are read on the host, they stay there.</summary>
    private Tensor Fixed(int place, Device device)
    {
        var constant = graph.Constants[place]!;
        return constant.is_floating_point() ? constant.to(device, copy: true).DetachFromDisposeScope() : FrozenTensor.Plain(constant);
    }
}
