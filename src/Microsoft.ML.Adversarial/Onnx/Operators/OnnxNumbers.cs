using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>How many numbers operators make at most; in floating point, where nothing overflows.</summary>
internal static class OnnxNumbers
{
    /// <summary>What is computed number by number, or makes fewer of many.</summary>
    public static Func<StepInputs, double> Broadcast(OnnxNode node) => inputs =>
    {
        var shapes = inputs.Values.OfType<Tensor>().Select(value => value.shape).ToArray();
        var numbers = 1.0;
        for (var axis = 1; axis <= shapes.Select(shape => shape.Length).DefaultIfEmpty(0).Max(); axis++)
            numbers *= shapes.Where(shape => shape.Length >= axis).Max(shape => shape[^axis]);
        return numbers;
    };

    /// <summary>Every row with every column, of every pair of matrices.</summary>
    public static Func<StepInputs, double> Product(OnnxNode node)
    {
        var (rows, columns) = (node.Whole("transA", 0) == 1 ? 1 : 2, node.Whole("transB", 0) == 1 ? 2 : 1);
        return inputs =>
        {
            var (first, second) = (inputs[0].shape, inputs[1].shape);
            double numbers = (first.Length >= rows ? first[^rows] : 1) * (double)(second.Length >= columns ? second[^columns] : 1);
            for (var axis = 3; axis <= Math.Max(first.Length, second.Length); axis++)
                numbers *= Math.Max(first.Length >= axis ? first[^axis] : 1, second.Length >= axis ? second[^axis] : 1);
            return numbers;
        };
    }

    /// <summary>A sum over products: the sizes of the letters that are left.</summary>
    public static Func<StepInputs, double> Einstein(OnnxNode node)
    {
        var sides = node.Text("equation", "").Replace(" ", "").Split("->");
        return inputs => Letters(sides[0], inputs).Where(entry => sides.Length < 2 || entry.Key == '.' || sides[1].Contains(entry.Key)).Aggregate(1.0, (product, entry) => product * entry.Value);
    }

    /// <summary>All that is multiplied for it.</summary>
    public static Func<StepInputs, double> EinsteinWork(OnnxNode node) =>
        inputs => Letters(node.Text("equation", "").Replace(" ", "").Split("->")[0], inputs).Aggregate(1.0, (product, entry) => product * entry.Value);

    /// <summary>The size of each letter; '.' is all that an ellipsis stands for.</summary>
    private static Dictionary<char, double> Letters(string equation, StepInputs inputs)
    {
        var terms = equation.Split(',');
        var sizes = new Dictionary<char, double>();
        for (var i = 0; i < Math.Min(terms.Length, inputs.Count); i++)
        {
            var parts = terms[i].Split("...");
            var rest = (double)inputs[i].numel();
            foreach (var (letter, size) in parts[0].Zip(inputs[i].shape).Concat(parts.Skip(1).SelectMany(part => part.Reverse().Zip(inputs[i].shape.Reverse()))))
                (sizes[letter], rest) = (Math.Max(size, sizes.GetValueOrDefault(letter)), rest / Math.Max(1, size));
            sizes['.'] = Math.Max(1, Math.Max(rest, sizes.GetValueOrDefault('.')));
        }
        return sizes;
    }

    /// <summary>For each position what lies there.</summary>
    public static Func<StepInputs, double> Gathered(OnnxNode node) => inputs =>
        Math.Max(1.0, inputs[1].numel()) * Math.Max(1, inputs[0].numel() / Math.Max(1, inputs[0].shape.Length == 0 ? 1 : inputs[0].shape[(int)OnnxSizes.Axis(node.Whole("axis", 0), inputs[0])]));

    /// <summary>All of the inputs, each once for every image of a batch.</summary>
    public static Func<StepInputs, double> Sum(OnnxNode node) => inputs =>
    {
        var values = inputs.Values.OfType<Tensor>().ToArray();
        return values.Sum(value => (double)value.numel()) * values.Select(value => value.dim() > 0 ? value.shape[0] : 1).DefaultIfEmpty(1).Max();
    };

    /// <summary>As many as the sizes at this input say.</summary>
    public static Func<OnnxNode, Func<StepInputs, double>> Sizes(int input) => node => inputs => Product(inputs[input]);

    /// <summary>What there is, as often as the numbers at this input say.</summary>
    public static Func<OnnxNode, Func<StepInputs, double>> Repeated(int input) => node => inputs => Product(inputs[input]) * Math.Max(1, inputs[0].numel());

    private static double Product(Tensor sizes) => OnnxSizes.Of(sizes).Aggregate(1.0, (product, size) => product * Math.Max(1, size));
}
