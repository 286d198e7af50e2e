using System.Text;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Something that decides what a training or an evaluation computes: an attack, a budget, a loss, a method, a schedule, an option set. It says by names and values what
/// it is. Random streams, checkpoints and state files go by that, never by the text for people that <c>ToString</c> gives.
/// </summary>
public abstract record Described
{
    /// <summary>What this is: its type's name, and what <see cref="Describe"/> says.</summary>
    /// <value>New with each call.</value>
    public Identity Identity
    {
        get
        {
            var identity = new Identity(GetType());
            Describe(identity);
            return identity;
        }
    }

    /// <summary>Says by names and values what this is. Two that compute something else must not say the same.</summary>
    /// <remarks>
    /// Override it in a type of your own, call <c>base.Describe(identity)</c> first and add every property that matters; one without any says
    /// <see cref="Identity.AddNothing"/>. A type that says nothing is refused where a checkpoint or a state file must tell it from others.
    /// </remarks>
    /// <param name="identity">Takes names and values in their order.</param>
    protected virtual void Describe(Identity identity)
    {
    }

    /// <summary>A record prints its own properties, not this description of them.</summary>
    /// <param name="builder">Not used.</param>
    /// <returns>False: nothing was printed.</returns>
    protected virtual bool PrintMembers(StringBuilder builder) => false;

    /// <summary>Lets a record describe one that it holds or wraps.</summary>
    internal void DescribeTo(Identity identity) => Describe(identity);
}
