using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Steps in an order in which each finds its inputs, and when each value was used for the last time. It holds no weights: whoever runs it brings the constants, so that one plan serves a
/// network in training and all that is frozen of it.
/// </summary>
internal sealed class GraphPlan
{
    private readonly int[] uses;
    private readonly int[] lastUse;
    private readonly bool[] isOverwritable;

    /// <param name="steps">In order.</param>
    /// <param name="places">Places for values: constants, the input, what steps make.</param>
    /// <param name="input">The place of what the graph takes.</param>
    /// <param name="output">The place of what it gives.</param>
    public GraphPlan(IReadOnlyList<GraphStep> steps, int places, int input, int output)
    {
        (Steps, Places, Input, Output) = (steps, places, input, output);
        (uses, lastUse, isOverwritable) = (new int[places], new int[places], new bool[places]);
        Array.Fill(lastUse, int.MaxValue);
        for (var index = 0; index < steps.Count; index++)
        {
            foreach (var place in steps[index].Inputs.Where(place => place != GraphStep.None))
                (uses[place], lastUse[place]) = (uses[place] + 1, index);
            foreach (var place in steps[index].Outputs)
                (isOverwritable[place], lastUse[place]) = (steps[index].Operation.MakesNew, index);
        }
        uses[output]++;
        lastUse[output] = int.MaxValue;
    }

    public IReadOnlyList<GraphStep> Steps { get; }

    public int Places { get; }

    public int Input { get; }

    public int Output { get; }

    /// <summary>How many steps take the value of this place; the graph's own result counts once.</summary>
    public int Uses(int place) => uses[place];

    /// <summary>The places of constants that are kernels of convolutions.</summary>
    public IReadOnlySet<int> KernelPlaces => Steps
        .Where(step => step.Operation.Kernels is not null)
        .Select(step => step.Inputs[step.Operation.Kernels!.Value])
        .ToHashSet();

    /// <param name="input">What the graph takes.</param>
    /// <param name="constants">By place; null where a step makes the value.</param>
    /// <param name="phase">Of a network in training.</param>
    /// <returns>What the graph gives, in the current dispose scope.</returns>
    public Activations Run(Activations input, IReadOnlyList<Tensor?> constants, Phase phase)
    {
        var values = new Tensor?[Places];
        values[Input] = input.Values;
        var isOnHost = input.Values.device_type == DeviceType.CPU;
        for (var index = 0; index < Steps.Count; index++)
        {
            var step = Steps[index];
            using (var scope = NewDisposeScope())
            {
                var inputs = new Tensor?[step.Inputs.Count];
                for (var i = 0; i < inputs.Length; i++)
                    inputs[i] = step.Inputs[i] == GraphStep.None ? null : values[step.Inputs[i]] ?? constants[step.Inputs[i]];
                if (!isOnHost)
                    Align(step.Operation, inputs);
                var given = new StepInputs(inputs, MayOverwrite(step.Inputs, input), phase);
                var made = step.Operation.Run(given);
                for (var i = 0; i < step.Outputs.Count; i++)
                    values[step.Outputs[i]] = given.Own(made[i]).MoveToOuterDisposeScope();
            }
            Free(step, index, values);
        }
        return new Activations(values[Output] ?? constants[Output]!, isOverwritable[Output]);
    }

    /// <summary>Sizes are computed on the host; where they are used as numbers among others, they go to where those are.</summary>
    public static void Align(GraphOperation operation, Tensor?[] inputs)
    {
        var device = inputs.Where((input, index) => !operation.HostInputs.Contains(index)).FirstOrDefault(input => input is not null && input.device_type != DeviceType.CPU)?.device;
        if (device is null)
            return;
        for (var i = 0; i < inputs.Length; i++)
            if (inputs[i] is { device_type: DeviceType.CPU } given && !operation.HostInputs.Contains(i))
                inputs[i] = given.to(device);
    }

    private bool MayOverwrite(IReadOnlyList<int> inputs, Activations input)
    {
        if (inputs.Count == 0 || inputs[0] == GraphStep.None || uses[inputs[0]] != 1)
            return false;
        return inputs[0] == Input ? input.MayOverwrite : isOverwritable[inputs[0]];
    }

    /// <summary>What no later step needs is freed; what gradients need of it lives on in them.</summary>
    private void Free(GraphStep step, int index, Tensor?[] values)
    {
        foreach (var place in step.Inputs.Concat(step.Outputs))
            if (place != GraphStep.None && place != Input && lastUse[place] == index && values[place] is { } value)
            {
                value.Dispose();
                values[place] = null;
            }
    }
}
