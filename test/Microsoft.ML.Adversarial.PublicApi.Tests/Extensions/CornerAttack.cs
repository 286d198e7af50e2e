using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Extensions;

/// <summary>Tries a random corner of the ball after another, and keeps the one that the network likes least.</summary>
public sealed record CornerAttack(Budget Allowed, int Tries) : Attack(Allowed)
{
    public override string Name => "corners";

    public override bool NeedsGradient => false;

    protected override Search Begin(SearchInput input) => new CornerSearch(this, input);

    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("tries", Tries);
    }

    private sealed class CornerSearch : Search
    {
        private readonly CornerAttack attack;
        private readonly PerImage corner, best, lowest;
        private int tries;

        public CornerSearch(CornerAttack attack, SearchInput input)
            : base(input)
        {
            this.attack = attack;
            (corner, best, lowest) = (Own(Corner()), Own(Images), Own(TrueLogits(CleanLogits)));
        }

        public override Tensor? Candidates => tries < attack.Tries ? corner.Value : null;

        public override Tensor Result => best.Value;

        public override void Learn(NetworkAnswer answer)
        {
            var found = TrueLogits(answer.Logits);
            var isLower = found < lowest.Value;
            best.Value = where(isLower.view(-1, 1, 1, 1), corner.Value, best.Value);
            lowest.Value = minimum(found, lowest.Value);
            tries++;
            corner.Value = Corner();
        }

        /// <summary>A picture of black and white pixels, brought back into the ball.</summary>
        private Tensor Corner() => attack.Budget.Project((Random.For(tries).Normal("corner", Images) > zeros_like(Images)).to(float32), Images);

        private Tensor TrueLogits(Tensor logits) => logits.gather(1, Labels.unsqueeze(1)).squeeze(1);
    }
}
